package org.kms4j.servlet.auth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * From where something may be used: any of some networks.
 *
 * <p>Threat: an address that cannot be read. It is of no network, but where all are welcome.
 *
 * <p>Immutable.
 */
public final class Networks {
  /** From wherever. */
  public static final Networks ANYWHERE = stored("0.0.0.0/0 ::/0");

  private final List<Network> list;
  private final boolean anywhere;

  private Networks(List<Network> list) {
    this.list = List.copyOf(list);
    this.anywhere = text().equals("0.0.0.0/0 ::/0");
  }

  /** The networks, if each of the texts is one: an address, or an address and a prefix length. */
  public static Optional<Networks> parse(List<String> texts) {
    List<Network> networks = new ArrayList<>();
    for (String text : texts) {
      Optional<Network> network = Network.parse(text);
      if (network.isEmpty()) {
        return Optional.empty();
      }
      networks.add(network.get());
    }
    return Optional.of(new Networks(networks));
  }

  /** Reads what {@link #text} wrote. */
  static Networks stored(String text) {
    return parse(Arrays.asList(text.split(" ", -1)))
        .orElseThrow(() -> new IllegalArgumentException("no networks: '" + text + "'"));
  }

  /** As it is kept. */
  String text() {
    return list.stream().map(Network::text).collect(Collectors.joining(" "));
  }

  /** In the order they were given. */
  public List<Network> list() {
    return list;
  }

  /** Whether the text is an address; a name is none. */
  public static boolean isAddress(String text) {
    return IpAddress.parse(text).isPresent();
  }

  /** Whether this address, of which a zone does not count, is of any of them. */
  public boolean contain(String address) {
    if (anywhere) {
      return true;
    }
    int zone = address.indexOf('%');
    return IpAddress.parse(zone < 0 ? address : address.substring(0, zone))
        .filter(ip -> list.stream().anyMatch(network -> network.contains(ip)))
        .isPresent();
  }

  /**
   * Returns if the address is of any of them.
   *
   * @throws AuthException if not
   */
  void require(String address) throws AuthException {
    if (!contain(address)) {
      throw AuthException.untrustedAddress();
    }
  }
}
