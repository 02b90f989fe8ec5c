package org.kms4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.kms4j.benchmarks.peer.Peer;

class MainTest {
  @Test
  void whereEveryPeerRunsTheArgumentsAreLeftAlone() {
    String[] args = {"CipherBenchmark", "-p", "size=16"};

    assertArrayEquals(args, Main.without(Set.of(), args));
  }

  @Test
  void aPeerThatCannotRunIsTakenOutOfThoseAskedFor() {
    String[] kept =
        Main.without(Set.of(Peer.ACCP_REUSED), "-p", "peer=SUNJCE_RAW,ACCP_REUSED", "-f", "1");

    assertArrayEquals(new String[] {"-p", "peer=SUNJCE_RAW", "-f", "1"}, kept);
  }

  @Test
  void wherePeersWereNotAskedForAllThatRunAreNamed() {
    String[] kept = Main.without(Set.of(Peer.ACCP_REUSED), "CipherBenchmark");

    assertEquals("-p", kept[1]);
    List<String> named = List.of(kept[2].substring("peer=".length()).split(","));
    assertEquals(Peer.values().length - 1, named.size());
    assertFalse(named.contains("ACCP_REUSED"));
  }

  @Test
  void whereNoneOfThoseAskedForRunsItSaysSo() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Main.without(Set.of(Peer.ACCP_REUSED), "-p", "peer=ACCP_REUSED"));
  }
}
