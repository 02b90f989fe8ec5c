package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.kms4j.key.KeyAlgorithm;

/**
 * Opens arbitrary bytes, and changed messages, under a key of each kind through the public Cipher:
 * what was not sealed is refused by the one exception, and leaves no byte of plaintext.
 */
class OpenFuzzTest {
  private static final byte[] PLAINTEXT = KmsFixture.text("nobody but the owner reads this");
  private static final byte[] AAD = KmsFixture.text("context");
  private static KmsFixture kms;
  private static List<Target> targets;

  /** A key, what was sealed under it, and how many bytes of that nothing authenticates. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Target(KmsKey key, byte[] message, int trailer) {
    static Target of(KeyAlgorithm algorithm, int versions, int trailer)
        throws GeneralSecurityException {
      byte[][] material = new byte[versions][];
      for (int i = 0; i < versions; i++) {
        material[i] = KmsFixture.bytes(i, algorithm.materialBytes());
      }
      KmsKey key = kms.withMaterial(UUID.randomUUID(), algorithm, material);
      return new Target(key, kms.seal(key, PLAINTEXT, AAD), trailer);
    }
  }

  @BeforeAll
  static void seal() throws Exception {
    kms = KmsFixture.open();
    targets =
        List.of(
            Target.of(KeyAlgorithm.AES_128_GCM, 1, 3),
            Target.of(KeyAlgorithm.AES_256_GCM, 1, 3),
            Target.of(KeyAlgorithm.AES_256_GCM, 3, 7),
            Target.of(KeyAlgorithm.XAES_256_GCM, 1, 0),
            Target.of(KeyAlgorithm.XAES_256_GCM, 3, 0));
  }

  @AfterAll
  static void close() {
    kms.close();
  }

  @FuzzTest
  void whatWasNotSealedIsRefused(byte[] data) throws Exception {
    Recipe recipe = new Recipe(data);
    Target target = targets.get(recipe.choice(targets.size()));
    byte[] message = recipe.change(target.message());
    byte[] out = new byte[message.length];
    Cipher cipher = kms.opening(target.key(), AAD);

    assertTrue(cipher.getOutputSize(message.length) <= message.length, "no room by claim");
    try {
      int length = cipher.doFinal(message, 0, message.length, out);

      assertArrayEquals(PLAINTEXT, Arrays.copyOf(out, length));
      assertArrayEquals(sealed(target, target.message()), sealed(target, message));
    } catch (AEADBadTagException e) {
      assertEquals(AEADBadTagException.class, e.getClass());
      assertEquals("the message does not open under this key", e.getMessage());
      assertNull(e.getCause());
      assertArrayEquals(new byte[out.length], out, "nothing is left");
    }
  }

  /** The part that the tag covers, and the tag. */
  private static byte[] sealed(Target target, byte[] message) {
    return Arrays.copyOf(message, target.message().length - target.trailer());
  }
}
