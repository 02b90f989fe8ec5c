package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

class SelfTestTest {
  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void engineOfThisJdkPasses() {
    assertNull(new SelfTest(Engine.sunJce()).run());
  }

  @Test
  void referenceIsWhatBouncyCastleComputes() throws Exception {
    byte[] key = bytes(1, 32);
    byte[] iv = bytes(2, 12);
    byte[] message = bytes(3, 5_000);
    SelfTest.Reference reference = new SelfTest.Reference(Engine.sunJce(), key);
    Cipher bc = Cipher.getInstance("AES/GCM/NoPadding", new BouncyCastleProvider());
    for (int length = 0; length <= 5_000; length += length < 70 ? 1 : 331) {
      byte[] aad = bytes(4, length % 37);
      // Bouncy Castle refuses one IV twice: it must be a new one.
      iv[0]++;
      iv[1] = (byte) length;
      iv[2] = (byte) (length >>> 8);
      bc.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
      bc.updateAAD(aad);

      byte[] expected = bc.doFinal(message, 0, length);

      assertArrayEquals(expected, reference.seal(iv, aad, message, length), length + " bytes");
    }
  }

  @Test
  void plantedFaultIsSeenInEveryByte() {
    byte[] key = bytes(1, 32);
    byte[] iv = bytes(2, 12);
    byte[] message = bytes(3, 200);
    SelfTest.Reference reference = new SelfTest.Reference(Engine.sunJce(), key);
    byte[] right = reference.seal(iv, new byte[0], message, 200);

    for (int at = 0; at < message.length; at++) {
      byte[] wrong = message.clone();
      wrong[at] ^= 1;
      byte[] sealed = reference.seal(iv, new byte[0], wrong, 200);

      assertFalse(Arrays.equals(right, sealed));
      assertFalse(Arrays.equals(right, 200, 216, sealed, 200, 216), "the tag differs too");
    }
  }
}
