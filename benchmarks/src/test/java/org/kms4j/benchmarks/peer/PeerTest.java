package org.kms4j.benchmarks.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PeerTest {
  private static final byte[] NO_AAD = new byte[0];
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;

  @ParameterizedTest
  @EnumSource(Peer.class)
  void everyPeerDoesTheWorkThatIsMeasured(Peer peer) throws Exception {
    requireHere(peer);
    byte[] plaintext = random(70_000);
    try (Home home = Home.temporary()) {
      Sealers key = peer.open(home);
      Sealer sealer = key.of(NO_AAD);

      byte[] first = sealer.seal(plaintext).clone();
      byte[] second = sealer.seal(plaintext).clone();

      assertFalse(Arrays.equals(first, second), "two messages under one IV");
      assertArrayEquals(plaintext, sealer.open(first));
      assertArrayEquals(plaintext, key.of(NO_AAD).open(second), "to another thread of this key");
    }
  }

  @ParameterizedTest
  @EnumSource(Peer.class)
  void everyPeerBindsTheAad(Peer peer) throws Exception {
    requireHere(peer);
    byte[] plaintext = random(256);
    byte[] aad = random(32);
    try (Home home = Home.temporary()) {
      Sealers key = peer.open(home);

      byte[] message = key.of(aad).seal(plaintext).clone();

      assertArrayEquals(plaintext, key.of(aad).open(message));
      aad[0] ^= 1;
      assertThrows(Exception.class, () -> key.of(aad).open(message));
    }
  }

  /** The bytes around IV ‖ ciphertext ‖ tag: Tink's key id before it, kms4j's "v01" after it. */
  @ParameterizedTest
  @CsvSource({
    "KMS_AES_EACH, 0, 3",
    "KMS_AES_REUSED, 0, 3",
    "KMS_AES_INTO, 0, 3",
    "SUNJCE_RAW, 0, 0",
    "SUNJCE_RAW_INTO, 0, 0",
    "SUNJCE_COUNTER, 0, 0",
    "SUNJCE_SHARED_RANDOM, 0, 0",
    "SUNJCE_EACH, 0, 0",
    "BOUNCY_CASTLE_REUSED, 0, 0",
    "BOUNCY_CASTLE_LIGHTWEIGHT, 0, 0",
    "ACCP_REUSED, 0, 0",
    "CONSCRYPT_REUSED, 0, 0",
    "TINK_AES, 5, 0"
  })
  void whatAnAes256GcmPeerSealsTheJdkOpens(Peer peer, int before, int after) throws Exception {
    requireHere(peer);
    byte[] key = random(Peer.KEY_BYTES);
    byte[] aad = random(32);
    byte[] plaintext = random(1_000);
    try (Home home = Home.temporary()) {
      byte[] message = peer.open(home, key).of(aad).seal(plaintext);

      Cipher jdk = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
      jdk.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new GCMParameterSpec(TAG_BITS, message, before, IV_BYTES));
      jdk.updateAAD(aad);
      int from = before + IV_BYTES;
      assertArrayEquals(plaintext, jdk.doFinal(message, from, message.length - from - after));
    }
  }

  private static void requireHere(Peer peer) {
    assumeTrue(peer.unavailable().isEmpty(), () -> peer + ": " + peer.unavailable().orElse(""));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
