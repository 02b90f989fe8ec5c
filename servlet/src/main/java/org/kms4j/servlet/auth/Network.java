package org.kms4j.servlet.auth;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * One IP address, or all that begin with the same bits.
 *
 * @param address as it was written
 * @param prefix how many bits count, as it was written; absent for one address
 * @param base the address
 * @param bits how many bits of {@code base} count
 */
public record Network(String address, OptionalInt prefix, IpAddress base, int bits) {
  private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

  /** The network, if the text is an address, or an address, a slash and a number of bits. */
  static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    Optional<IpAddress> base = IpAddress.parse(address);
    if (base.isEmpty()) {
      return Optional.empty();
    }
    if (slash < 0) {
      return Optional.of(new Network(address, OptionalInt.empty(), base.get(), IpAddress.BITS));
    }
    String prefix = text.substring(slash + 1);
    int before = address.indexOf(':') < 0 ? IpAddress.MAPPED_BITS : 0;
    if (!PREFIX.matcher(prefix).matches() || Integer.parseInt(prefix) > IpAddress.BITS - before) {
      return Optional.empty();
    }
    int length = Integer.parseInt(prefix);
    return Optional.of(new Network(address, OptionalInt.of(length), base.get(), before + length));
  }

  /** The name that the API gives the kind of address. */
  public String type() {
    return address.indexOf(':') < 0 ? "ipv4" : "ipv6";
  }

  /** As {@link #parse} reads it. */
  String text() {
    return prefix.isPresent() ? address + "/" + prefix.getAsInt() : address;
  }

  /** Whether the address is of it; a network of IPv6 has none of IPv4, however wide it is. */
  boolean contains(IpAddress other) {
    boolean mapped = base.isV4() && bits >= IpAddress.MAPPED_BITS;
    return mapped == other.isV4()
        && ((base.high() ^ other.high()) & mask(bits)) == 0
        && ((base.low() ^ other.low()) & mask(bits - Long.SIZE)) == 0;
  }

  /** The first so many bits of a word; none if there are none, all if there are more. */
  private static long mask(int bits) {
    if (bits <= 0) {
      return 0;
    }
    return bits >= Long.SIZE ? -1L : -1L << (Long.SIZE - bits);
  }
}
