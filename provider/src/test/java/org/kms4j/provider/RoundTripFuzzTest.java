package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.kms4j.key.KeyAlgorithm;

/** Seals any plaintext with any AAD, in any two parts, and opens it again. */
class RoundTripFuzzTest {
  private static KmsFixture kms;
  private static List<KmsKey> keys;

  @BeforeAll
  static void open() throws Exception {
    kms = KmsFixture.open();
    keys =
        List.of(
            kms.key(KeyAlgorithm.AES_128_GCM),
            kms.key(KeyAlgorithm.AES_256_GCM),
            kms.key(KeyAlgorithm.AES_256_GCM, 3),
            kms.key(KeyAlgorithm.XAES_256_GCM),
            kms.key(KeyAlgorithm.XAES_256_GCM, 3));
  }

  @AfterAll
  static void close() {
    kms.close();
  }

  /** The second byte says where the AAD ends, and where the plaintext is split. */
  @FuzzTest
  void whatWasSealedOpensUnderItsAadAlone(byte[] data) throws Exception {
    Recipe recipe = new Recipe(data);
    KmsKey key = keys.get(recipe.choice(keys.size()));
    byte[] rest = recipe.rest();
    byte[] aad = Arrays.copyOf(rest, Math.min(recipe.mode() & 0x0f, rest.length));
    byte[] plaintext = Arrays.copyOfRange(rest, aad.length, rest.length);
    int split = Math.min(recipe.mode() >> 4, plaintext.length);

    Cipher cipher = kms.sealing(key, aad);
    cipher.update(plaintext, 0, split);
    byte[] message = cipher.doFinal(plaintext, split, plaintext.length - split);

    assertArrayEquals(plaintext, kms.open(key, message, aad));
    byte[] other = Arrays.copyOf(aad, aad.length + 1);
    assertThrows(AEADBadTagException.class, () -> kms.open(key, message, other));
  }
}
