package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.Security;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.SealedObject;
import org.junit.jupiter.api.Test;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;

/**
 * What goes in and comes out: pieces, sizes, AAD, the end of an encryption, and the JDK's own
 * classes over it.
 */
abstract class CipherDataContract extends CipherContract {
  CipherDataContract(MessageFormat format) {
    super(format);
  }

  @Test
  @Conformance("C-21")
  void everySplitSealsTheSameMessageAsOneShot() throws Exception {
    try (KmsFixture fixed = KmsFixture.withIvs(new FixedIvSource(KmsFixture.bytes(3, 24)))) {
      KmsKey sameIv = fixed.key(algorithm, version);
      byte[] plaintext = plaintext(64);
      byte[] expected = fixed.seal(sameIv, plaintext, AAD);

      for (int first = 0; first <= 64; first++) {
        for (int second = first; second <= 64; second += 7) {
          // The JDK's engine itself refuses one IV twice under one key: it must be a new one.
          fixed.keyring.cache().forgetAll();
          Cipher cipher = fixed.sealing(sameIv, AAD);
          assertEquals(0, cipher.update(plaintext, 0, first, new byte[0]));
          assertEquals(0, cipher.update(plaintext, first, second - first, new byte[0]));
          assertArrayEquals(expected, cipher.doFinal(plaintext, second, 64 - second));
        }
      }
    }
  }

  @Test
  @Conformance("C-22")
  void decryptUpdateReturnsNothingAndPlaintextComesFromDoFinalAlone() throws Exception {
    byte[] plaintext = plaintext(300);
    byte[] message = kms.seal(key, plaintext);
    Cipher cipher = kms.opening(key);
    byte[] aside = new byte[400];
    ByteBuffer buffer = ByteBuffer.allocate(400);

    assertEquals(0, cipher.update(message, 0, 100).length);
    assertEquals(0, cipher.update(message, 100, 100, aside, 0));
    assertEquals(0, cipher.update(ByteBuffer.wrap(message, 200, message.length - 200), buffer));

    assertArrayEquals(new byte[400], aside);
    assertArrayEquals(new byte[400], buffer.array());
    assertEquals(0, buffer.position());
    assertArrayEquals(plaintext, cipher.doFinal());
  }

  @Test
  @Conformance("C-23")
  void outputSizeIsExactForEncryptAndNeverTooSmallForDecrypt() throws Exception {
    for (int total = 0; total <= 80; total += 5) {
      byte[] plaintext = plaintext(total);
      byte[] message = kms.seal(key, plaintext);
      assertEquals(total + overhead, message.length);
      for (int split = 0; split <= total; split++) {
        Cipher cipher = kms.sealing(key);
        cipher.update(plaintext, 0, split);
        assertEquals(message.length, cipher.getOutputSize(total - split));
      }
      for (int split = 0; split <= message.length; split++) {
        Cipher cipher = kms.opening(key);
        cipher.update(message, 0, split);
        int promised = cipher.getOutputSize(message.length - split);
        assertTrue(promised >= total, promised + " for " + total);
        assertTrue(promised <= total + overhead);
      }
      assertEquals(0, kms.opening(key).getOutputSize(0));
    }
    Cipher raw = kms.cipher();
    assertThrows(IllegalStateException.class, () -> raw.getOutputSize(1));
  }

  @Test
  @Conformance("C-31")
  void afterAnEncryptDoFinalNothingGoesOnWithoutInit() throws Exception {
    Cipher cipher = kms.sealing(key);
    byte[] first = cipher.doFinal(plaintext(5));

    assertThrows(IllegalStateException.class, () -> cipher.update(new byte[1]));
    assertThrows(
        IllegalStateException.class,
        () -> cipher.update(ByteBuffer.allocate(1), ByteBuffer.allocate(99)));
    assertThrows(IllegalStateException.class, () -> cipher.updateAAD(new byte[1]));
    assertThrows(IllegalStateException.class, () -> cipher.updateAAD(ByteBuffer.allocate(1)));
    assertThrows(IllegalStateException.class, () -> cipher.doFinal());
    assertThrows(IllegalStateException.class, () -> cipher.doFinal(new byte[1]));
    assertThrows(
        IllegalStateException.class, () -> cipher.doFinal(new byte[1], 0, 1, new byte[200]));
    assertThrows(
        IllegalStateException.class,
        () -> cipher.doFinal(ByteBuffer.allocate(1), ByteBuffer.allocate(200)));
    cipher.init(Cipher.ENCRYPT_MODE, key);
    byte[] second = cipher.doFinal(plaintext(5));

    assertFalse(Arrays.equals(first, second));
  }

  @Test
  @Conformance("C-35")
  void aadAfterDataIsRefused() throws Exception {
    for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
      Cipher cipher = kms.ready(mode, key);
      cipher.update(new byte[1]);

      assertThrows(IllegalStateException.class, () -> cipher.updateAAD(AAD));
      assertThrows(IllegalStateException.class, () -> cipher.updateAAD(ByteBuffer.wrap(AAD)));
    }
  }

  @Test
  @Conformance("C-35")
  void aadInPiecesAndThroughBuffersIsAadAtOnce() throws Exception {
    byte[] message = kms.seal(key, plaintext(10), AAD);
    Cipher pieces = kms.opening(key);
    Cipher direct = kms.opening(key);
    ByteBuffer buffer = ByteBuffer.allocateDirect(AAD.length).put(AAD).flip();
    ByteBuffer padded = ByteBuffer.wrap(Shape.memory(60, AAD, 7), 7, AAD.length).slice();

    for (byte b : AAD) {
      pieces.updateAAD(new byte[] {b});
    }
    pieces.updateAAD(new byte[0]);
    direct.updateAAD(buffer);
    Cipher sliced = kms.opening(key);
    sliced.updateAAD(padded.asReadOnlyBuffer());

    assertEquals(AAD.length, buffer.position());
    assertArrayEquals(plaintext(10), pieces.doFinal(message));
    assertArrayEquals(plaintext(10), direct.doFinal(message));
    assertArrayEquals(plaintext(10), sliced.doFinal(message));
  }

  @Test
  @Conformance("C-36")
  void nothingAtAllIsAMessageToo() throws Exception {
    Cipher sealing = kms.sealing(key);
    sealing.updateAAD(new byte[0]);

    byte[] message = sealing.doFinal();
    Cipher opening = kms.opening(key);
    opening.update(message);

    assertEquals(overhead, message.length);
    assertEquals(0, opening.doFinal().length);
    assertEquals(0, kms.open(key, kms.seal(key, new byte[0], AAD), AAD).length);
    assertRefused(kms.seal(key, new byte[0], AAD));
  }

  @Test
  @Conformance("C-37")
  void outputSizeOfHugeLengthsDoesNotOverflow() throws Exception {
    Cipher sealing = kms.sealing(key);
    Cipher opening = kms.opening(key);
    sealing.update(new byte[100]);

    assertEquals(Integer.MAX_VALUE, sealing.getOutputSize(Integer.MAX_VALUE));
    assertTrue(opening.getOutputSize(Integer.MAX_VALUE) > Integer.MAX_VALUE - 100);
  }

  @Test
  @Conformance("C-39")
  void streamsOfTheJdkCarryAMebibyte() throws Exception {
    byte[] plaintext = plaintext(1 << 20);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    try (CipherOutputStream out = new CipherOutputStream(message, kms.sealing(key, AAD))) {
      out.write(plaintext, 0, 300_000);
      out.write(plaintext, 300_000, plaintext.length - 300_000);
    }
    byte[] opened;
    try (CipherInputStream in =
        new CipherInputStream(
            new ByteArrayInputStream(message.toByteArray()), kms.opening(key, AAD))) {
      opened = in.readAllBytes();
    }

    assertArrayEquals(plaintext, opened);
    assertArrayEquals(plaintext, kms.open(key, message.toByteArray(), AAD));
  }

  @Test
  @Conformance("C-40")
  void sealedObjectOpensInAllThreeWays() throws Exception {
    Security.addProvider(kms.provider);
    try {
      SealedObject sealed = new SealedObject("a payload", kms.sealing(key));

      assertEquals("a payload", sealed.getObject(key));
      assertEquals("a payload", sealed.getObject(key, KmsProvider.NAME));
      assertEquals("a payload", sealed.getObject(kms.opening(key)));
    } finally {
      Security.removeProvider(KmsProvider.NAME);
    }
  }
}
