package org.kms4j.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.kms4j.benchmarks.peer.Peer;

/**
 * JMH's own command line, but for one thing: a peer that cannot load on this platform is left out,
 * and said so, where JMH would report a failure.
 */
public final class Main {
  private static final String PARAMETER = "-p";
  private static final String PEERS = "peer=";

  private Main() {}

  /** Takes what {@code org.openjdk.jmh.Main} takes. */
  public static void main(String[] args) throws IOException {
    Map<Peer, String> unavailable = new EnumMap<>(Peer.class);
    for (Peer peer : Peer.values()) {
      peer.unavailable().ifPresent(why -> unavailable.put(peer, why));
    }
    unavailable.forEach(
        (peer, why) -> System.err.println("skipped: " + peer + " cannot run here: " + why));
    org.openjdk.jmh.Main.main(without(unavailable.keySet(), args));
  }

  /** The arguments, with these peers taken out of every {@code -p peer=…}, or one put in. */
  static String[] without(Set<Peer> unavailable, String... args) {
    if (unavailable.isEmpty()) {
      return args;
    }
    List<String> kept = new ArrayList<>(Arrays.asList(args));
    boolean named = false;
    for (int i = 1; i < kept.size(); i++) {
      String value = kept.get(i);
      if (kept.get(i - 1).equals(PARAMETER) && value.startsWith(PEERS)) {
        List<String> asked = List.of(value.substring(PEERS.length()).split(","));
        kept.set(i, PEERS + names(unavailable, asked));
        named = true;
      }
    }
    if (!named) {
      List<String> all = Arrays.stream(Peer.values()).map(Peer::name).toList();
      kept.add(PARAMETER);
      kept.add(PEERS + names(unavailable, all));
    }
    return kept.toArray(new String[0]);
  }

  private static String names(Set<Peer> unavailable, List<String> asked) {
    String names =
        asked.stream()
            .filter(name -> unavailable.stream().noneMatch(peer -> peer.name().equals(name)))
            .collect(Collectors.joining(","));
    if (names.isEmpty()) {
      throw new IllegalArgumentException("none of the peers " + asked + " can run here");
    }
    return names;
  }
}
