package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/**
 * What our {@code Cipher} seals is what others compute from FORMAT.md, and what they compute it
 * opens. The subkey and the commitment of XAES come from Bouncy Castle's CMAC here: each is a CMAC
 * of the key over a part of the nonce.
 */
class AgreementTest {
  private static final int ROUNDS = 60;
  private static final int MAX_BYTES = 70_000;
  private static final UUID KEY_ID = UUID.fromString("0b6bd1b4-3b2c-4a6e-9f0e-6f2d35b8a0c1");

  private static final Provider BC = new BouncyCastleProvider();

  private final KmsFixture kms = KmsFixture.open();

  private enum Peer {
    SUN_JCE,
    BOUNCY_CASTLE;

    private Provider provider() {
      return this == SUN_JCE ? Security.getProvider("SunJCE") : BC;
    }

    byte[] gcm(int mode, byte[] key, byte[] iv, byte[] aad, byte[] input)
        throws GeneralSecurityException {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", provider());
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
      cipher.updateAAD(aad);
      return cipher.doFinal(input);
    }

    /** The plaintext, by our document alone. */
    byte[] open(KeyAlgorithm algorithm, byte[] key, byte[] message, byte[] aad)
        throws GeneralSecurityException {
      if (algorithm != KeyAlgorithm.XAES_256_GCM) {
        byte[] sealed = Arrays.copyOfRange(message, 12, message.length - 3);
        return gcm(Cipher.DECRYPT_MODE, key, Arrays.copyOf(message, 12), aad, sealed);
      }
      byte[] n = Arrays.copyOfRange(message, 5, 29);
      int end = message.length - 32;
      assertArrayEquals(commitment(key, n), Arrays.copyOfRange(message, end, message.length));
      return gcm(
          Cipher.DECRYPT_MODE,
          subkey(key, n),
          Arrays.copyOfRange(n, 12, 24),
          bound(aad),
          Arrays.copyOfRange(message, 29, end));
    }

    /** A message, by our document alone. */
    byte[] seal(KeyAlgorithm algorithm, byte[] key, byte[] n, byte[] plaintext, byte[] aad)
        throws GeneralSecurityException {
      if (algorithm != KeyAlgorithm.XAES_256_GCM) {
        byte[] iv = Arrays.copyOf(n, 12);
        byte[] sealed = gcm(Cipher.ENCRYPT_MODE, key, iv, aad, plaintext);
        return join(iv, sealed, "v01".getBytes(StandardCharsets.US_ASCII));
      }
      byte[] iv = Arrays.copyOfRange(n, 12, 24);
      byte[] sealed = gcm(Cipher.ENCRYPT_MODE, subkey(key, n), iv, bound(aad), plaintext);
      return join(new byte[] {1, 0, 0, 0, 1}, n, sealed, commitment(key, n));
    }
  }

  @AfterEach
  void close() {
    kms.close();
  }

  @ParameterizedTest
  @EnumSource
  @Conformance({"C-53", "C-54"})
  void othersOpenOursAndWeOpenTheirs(Peer peer) throws Exception {
    Random random = new Random(20_262);
    for (KeyAlgorithm algorithm :
        new KeyAlgorithm[] {
          KeyAlgorithm.AES_128_GCM, KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM
        }) {
      byte[] key = bytes(random, algorithm.materialBytes());
      kms.withMaterial(KEY_ID, algorithm, key);
      for (int round = 0; round < ROUNDS; round++) {
        // Half of them short, where the edges are.
        byte[] plaintext = bytes(random, random.nextInt(round % 2 == 0 ? 300 : MAX_BYTES + 1));
        byte[] aad = bytes(random, random.nextInt(50));
        byte[] n = bytes(random, 24);
        KmsKey handle = KmsKey.of(KEY_ID);

        byte[] ours = kms.seal(handle, plaintext, aad);
        byte[] theirs = peer.seal(algorithm, key, n, plaintext, aad);

        assertEquals(ours.length, theirs.length);
        assertArrayEquals(plaintext, peer.open(algorithm, key, ours, aad), algorithm.text());
        assertArrayEquals(plaintext, kms.open(handle, theirs, aad), algorithm.text());
      }
      kms.keyring.delete(KEY_ID);
    }
  }

  private static byte[] subkey(byte[] key, byte[] n) {
    byte[] first = Arrays.copyOf(n, 12);
    return join(
        cmac(key, new byte[] {0, 1, 'X', 0}, first), cmac(key, new byte[] {0, 2, 'X', 0}, first));
  }

  private static byte[] commitment(byte[] key, byte[] n) {
    byte[] label = "XCMT".getBytes(StandardCharsets.US_ASCII);
    return join(
        cmac(key, label, n, new byte[] {0, 1, 0, 1}), cmac(key, label, n, new byte[] {0, 1, 0, 2}));
  }

  private static byte[] cmac(byte[] key, byte[]... parts) {
    CMac mac = new CMac(AESEngine.newInstance());
    mac.init(new KeyParameter(key));
    for (byte[] part : parts) {
      mac.update(part, 0, part.length);
    }
    byte[] out = new byte[mac.getMacSize()];
    mac.doFinal(out, 0);
    return out;
  }

  private static byte[] bound(byte[] aad) {
    byte[] id =
        ByteBuffer.allocate(20)
            .putLong(KEY_ID.getMostSignificantBits())
            .putLong(KEY_ID.getLeastSignificantBits())
            .putInt(1)
            .array();
    return join("kms4j/1".getBytes(StandardCharsets.US_ASCII), id, aad);
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
