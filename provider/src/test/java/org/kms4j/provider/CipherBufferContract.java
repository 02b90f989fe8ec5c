package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;

/** Every kind of array and buffer: room, overlap, limits, and the bytes round the result. */
abstract class CipherBufferContract extends CipherContract {
  CipherBufferContract(MessageFormat format) {
    super(format);
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-24")
  void shortBufferConsumesNothingAndTheRetryGivesTheSame(Shape shape) throws Exception {
    byte[] iv = KmsFixture.bytes(3, 24);
    try (KmsFixture fixed = KmsFixture.withIvs(new FixedIvSource(iv))) {
      KmsKey sameIv = fixed.key(algorithm, version);
      byte[] plaintext = plaintext(40);
      byte[] message = fixed.seal(sameIv, plaintext, AAD);
      for (int ahead : new int[] {0, 13}) {
        fixed.keyring.cache().forgetAll();
        retryUntilItFits(shape, fixed.sealing(sameIv, AAD), plaintext, ahead, message);
        retryUntilItFits(shape, fixed.opening(sameIv, AAD), message, ahead, plaintext);
      }
    }
  }

  private void retryUntilItFits(
      Shape shape, Cipher cipher, byte[] input, int ahead, byte[] expected)
      throws GeneralSecurityException {
    cipher.update(input, 0, ahead);
    int in = 10;
    int rest = input.length - ahead;
    byte[] content = Arrays.copyOfRange(input, ahead, input.length);
    for (int room = 0; room < expected.length; room++) {
      int out = in + rest + 20;
      byte[] memory = Shape.memory(out + room, content, in);
      byte[] before = memory.clone();
      int given = room;
      ShortBufferException e =
          assertThrows(
              ShortBufferException.class, () -> shape.run(cipher, memory, in, rest, out, given));
      assertNotNull(e.getMessage());
      assertArrayEquals(before, memory, "nothing is written");
    }
    int out = in + rest + 20;
    byte[] memory = Shape.memory(out + expected.length, content, in);

    int written = shape.run(cipher, memory, in, rest, out, expected.length);

    assertEquals(expected.length, written);
    assertArrayEquals(expected, Arrays.copyOfRange(memory, out, out + written));
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-28")
  void goodMessageTouchesNothingRoundItsResult(Shape shape) throws Exception {
    byte[] message = kms.seal(key, plaintext(33), AAD);
    byte[] memory = Shape.memory(400, message, 20);
    byte[] expected = memory.clone();
    System.arraycopy(plaintext(33), 0, expected, 200, 33);

    shape.run(kms.opening(key, AAD), memory, 20, message.length, 200, 60);

    assertArrayEquals(expected, memory);
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-32")
  void sourceAndResultMayOverlapAtEveryShift(Shape shape) throws Exception {
    byte[] plaintext = plaintext(60);
    byte[] message = kms.seal(key, plaintext, AAD);
    for (int k = -80; k <= 80; k++) {
      byte[] opened = overlapped(shape, kms.opening(key, AAD), message, k, plaintext.length);
      byte[] sealed = overlapped(shape, kms.sealing(key, AAD), plaintext, k, message.length);

      assertArrayEquals(plaintext, opened, "shift " + k);
      assertArrayEquals(plaintext, kms.open(key, sealed, AAD), "shift " + k);
    }
  }

  private static byte[] overlapped(Shape shape, Cipher cipher, byte[] input, int k, int result)
      throws GeneralSecurityException {
    int in = 100 + Math.abs(k);
    int out = in + k;
    byte[] memory = Shape.memory(Math.max(in, out) + input.length + result, input, in);
    byte[] before = memory.clone();

    assertEquals(result, shape.run(cipher, memory, in, input.length, out, result));

    byte[] made = Arrays.copyOfRange(memory, out, out + result);
    System.arraycopy(made, 0, before, out, result);
    assertArrayEquals(before, memory, "the rest is as it was, shift " + k);
    return made;
  }

  @Test
  @Conformance("C-33")
  void readOnlyDestinationAndTheSameBufferTwiceAreRefusedBeforeAnything() throws Exception {
    byte[] message = kms.seal(key, plaintext(10));
    ByteBuffer from = ByteBuffer.wrap(message).asReadOnlyBuffer();
    ByteBuffer readOnly = ByteBuffer.allocate(200).asReadOnlyBuffer();
    ByteBuffer same = ByteBuffer.wrap(message.clone());
    ByteBuffer to = ByteBuffer.allocate(10);
    Cipher cipher = kms.opening(key);

    assertThrows(ReadOnlyBufferException.class, () -> cipher.doFinal(from, readOnly));
    assertThrows(IllegalArgumentException.class, () -> cipher.doFinal(same, same));
    assertThrows(ReadOnlyBufferException.class, () -> cipher.update(from, readOnly));
    assertThrows(IllegalArgumentException.class, () -> cipher.update(same, same));

    assertEquals(0, from.position());
    assertEquals(0, same.position());
    assertEquals(10, cipher.doFinal(from, to));
    assertArrayEquals(plaintext(10), to.array());
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-34")
  void everyKindOfBufferTakesPiecesAndHonoursLimits(Shape shape) throws Exception {
    byte[] plaintext = plaintext(90);
    Cipher cipher = kms.sealing(key);
    ByteBuffer direct = ByteBuffer.allocateDirect(40).put(plaintext, 0, 40).flip();
    ByteBuffer nowhere = ByteBuffer.allocate(0);

    assertEquals(0, cipher.update(direct, nowhere));
    assertEquals(0, cipher.update(ByteBuffer.wrap(plaintext, 40, 30).slice(), nowhere));
    byte[] last = Arrays.copyOfRange(plaintext, 70, 90);
    byte[] memory = Shape.memory(300, last, 10);
    int written = shape.run(cipher, memory, 10, 20, 60, 90 + overhead);

    assertEquals(40, direct.position());
    assertArrayEquals(plaintext, kms.open(key, Arrays.copyOfRange(memory, 60, 60 + written)));
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-32")
  void longMessagesMayOverlapToo(Shape shape) throws Exception {
    // Longer than the pieces that the engine is given.
    byte[] plaintext = plaintext(20_011);
    byte[] message = kms.seal(key, plaintext, AAD);
    for (int k : new int[] {-8_193, -8_192, -513, -12, -1, 0, 1, 12, 29, 512, 8_191, 8_193}) {
      byte[] opened = overlapped(shape, kms.opening(key, AAD), message, k, plaintext.length);
      byte[] sealed = overlapped(shape, kms.sealing(key, AAD), plaintext, k, message.length);

      assertArrayEquals(plaintext, opened, "shift " + k);
      assertArrayEquals(plaintext, kms.open(key, sealed, AAD), "shift " + k);
    }
  }

  @Test
  @Conformance("C-34")
  void buffersDoNotGoThroughTheUnwipedPiecesOfTheJdk() throws Exception {
    for (String method : List.of("engineUpdate", "engineDoFinal")) {
      Class<?> own =
          KmsCipher.class
              .getDeclaredMethod(method, ByteBuffer.class, ByteBuffer.class)
              .getDeclaringClass();
      assertSame(KmsCipher.class, own);
    }
    assertNotNull(KmsCipher.class.getDeclaredMethod("engineUpdateAAD", ByteBuffer.class));
  }
}
