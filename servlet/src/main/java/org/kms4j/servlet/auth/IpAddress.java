package org.kms4j.servlet.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An IP address as a number of 128 bits; one of IPv4 is the IPv6 address that maps it.
 *
 * <p>Threat: a text that two readers take for two addresses. There is one reading: four decimal
 * numbers without leading zeros, or RFC 4291, section 2.2, without a zone. Nothing is ever looked
 * up: a name is no address.
 *
 * @param high the first 64 bits
 * @param low the other 64
 */
record IpAddress(long high, long low) {
  static final int BITS = 128;

  /** Bits before the IPv4 address in the IPv6 address that maps it; RFC 4291, section 2.5.5.2. */
  static final int MAPPED_BITS = 96;

  private static final long MAPPED = 0xffffL;
  private static final int V4_BITS = 32;
  private static final int V4_PARTS = 4;
  private static final int GROUPS = 8;
  private static final int GROUP_BITS = 16;

  /** The longest is of IPv6 and ends in an IPv4 address. */
  private static final int MAX_CHARS = 45;

  private static final Pattern V4_PART =
      Pattern.compile("[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]");
  private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

  /** The address, if the text is one. */
  static Optional<IpAddress> parse(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    return text.indexOf(':') < 0
        ? v4(text).map(bits -> new IpAddress(0, MAPPED << V4_BITS | bits))
        : v6(text);
  }

  /** Whether it is an address of IPv4, however it was written. */
  boolean isV4() {
    return high == 0 && low >>> V4_BITS == MAPPED;
  }

  private static Optional<Long> v4(String text) {
    String[] parts = text.split("\\.", -1);
    long bits = 0;
    for (String part : parts) {
      if (!V4_PART.matcher(part).matches()) {
        return Optional.empty();
      }
      bits = bits << 8 | Integer.parseInt(part);
    }
    return parts.length == V4_PARTS ? Optional.of(bits) : Optional.empty();
  }

  private static Optional<IpAddress> v6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true).filter(all -> all.size() == GROUPS).map(IpAddress::of);
    }
    Optional<List<Integer>> before = groups(text.substring(0, gap), false);
    Optional<List<Integer>> after = groups(text.substring(gap + 2), true);
    if (before.isEmpty() || after.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> all = new ArrayList<>(before.get());
    int zeros = GROUPS - before.get().size() - after.get().size();
    for (int i = 0; i < zeros; i++) {
      all.add(0);
    }
    all.addAll(after.get());
    return zeros < 1 ? Optional.empty() : Optional.of(of(all));
  }

  private static Optional<List<Integer>> groups(String text, boolean mayEndInV4) {
    List<Integer> groups = new ArrayList<>();
    if (text.isEmpty()) {
      return Optional.of(groups);
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      if (GROUP.matcher(parts[i]).matches()) {
        groups.add(Integer.parseInt(parts[i], 16));
        continue;
      }
      Optional<Long> v4 = mayEndInV4 && i == parts.length - 1 ? v4(parts[i]) : Optional.empty();
      if (v4.isEmpty()) {
        return Optional.empty();
      }
      groups.add((int) (v4.get() >> GROUP_BITS));
      groups.add((int) (v4.get() & 0xffff));
    }
    return Optional.of(groups);
  }

  private static IpAddress of(List<Integer> groups) {
    return new IpAddress(bits(groups.subList(0, 4)), bits(groups.subList(4, GROUPS)));
  }

  private static long bits(List<Integer> groups) {
    long bits = 0;
    for (int group : groups) {
      bits = bits << GROUP_BITS | group;
    }
    return bits;
  }
}
