package org.kms4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerTest {
  @ParameterizedTest
  @EnumSource(Peer.class)
  void everyPeerDoesTheWorkThatIsMeasured(Peer peer) throws Exception {
    byte[] plaintext = new byte[70_000];
    new Random(7).nextBytes(plaintext);
    try (Home home = new Home()) {
      Peer.Sealer sealer = peer.open(home);

      byte[] first = sealer.seal(plaintext);
      byte[] second = sealer.seal(plaintext);

      assertFalse(Arrays.equals(first, second), "two messages under one IV");
      assertArrayEquals(plaintext, sealer.open(first));
      assertArrayEquals(plaintext, sealer.open(second));
    }
  }
}
