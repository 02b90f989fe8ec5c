package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/**
 * What a message that does not open leaves behind: one exception, no plaintext, an object that goes
 * on.
 */
abstract class CipherFailureContract extends CipherContract {
  CipherFailureContract(MessageFormat format) {
    super(format);
  }

  @Test
  @Conformance("C-25")
  void everyMalformedMessageIsTheOneBadTag() throws Exception {
    byte[] message = kms.seal(key, plaintext(40));
    // A v02 message cut to the length of v01 reads as v01, whose trailer nothing authenticates.
    int readsAsV01 = algorithm != KeyAlgorithm.XAES_256_GCM && version > 1 ? 4 : -1;
    for (int length = 0; length < message.length; length++) {
      if (message.length - length == readsAsV01) {
        assertArrayEquals(plaintext(40), kms.open(key, Arrays.copyOf(message, length)));
        continue;
      }
      assertRefused(Arrays.copyOf(message, length));
      assertRefused(Arrays.copyOfRange(message, message.length - length, message.length));
    }
    assertRefused(Arrays.copyOf(message, message.length + 1));
    assertRefused(new byte[0]);
    assertRefused(new byte[1_000]);
    assertRefused(kms.seal(kms.key(algorithm, version), plaintext(40)));
    for (KeyAlgorithm other :
        List.of(KeyAlgorithm.AES_128_GCM, KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM)) {
      assertRefused(kms.seal(kms.key(other, 2), plaintext(40)));
    }
  }

  @Test
  @Conformance("C-25")
  void messageOfAVersionTheKeyHasNotIsTheOneBadTag() throws Exception {
    byte[] sealedLater;
    KmsKey pinned = KmsKey.of(key.keyId(), version);
    kms.keyring.rotate(key.keyId());
    sealedLater = kms.seal(key, plaintext(10));

    AEADBadTagException e =
        assertThrows(AEADBadTagException.class, () -> kms.open(pinned, sealedLater));

    assertEquals(REFUSED, e.getMessage());
    assertArrayEquals(plaintext(10), kms.open(key, sealedLater));
  }

  @Test
  @Conformance("C-26")
  void everyFlippedBitOfTheAuthenticatedPartsIsRefused() throws Exception {
    byte[] message = kms.seal(key, plaintext(20), AAD);
    boolean bound = algorithm == KeyAlgorithm.XAES_256_GCM;
    int authenticated = bound ? message.length : message.length - (overhead - 28);

    for (int bit = 0; bit < authenticated * 8; bit++) {
      assertRefused(flipped(message, bit), AAD);
    }
  }

  @Test
  @Conformance("C-26")
  void everyFlippedBitOfTheAadIsRefused() throws Exception {
    byte[] message = kms.seal(key, plaintext(20), AAD);

    for (int bit = 0; bit < AAD.length * 8; bit++) {
      assertRefused(message, flipped(AAD, bit));
    }
    assertRefused(message);
    assertRefused(message, Arrays.copyOf(AAD, AAD.length - 1));
    assertRefused(message, Arrays.copyOf(AAD, AAD.length + 1));
  }

  @Test
  @Conformance("C-26")
  void trailerOfInfisicalMessagesIsNotAuthenticated() throws Exception {
    if (algorithm == KeyAlgorithm.XAES_256_GCM) {
      return;
    }
    byte[] plaintext = plaintext(20);
    byte[] message = kms.seal(key, plaintext, AAD);
    int trailer = message.length - 3;
    for (int bit = trailer * 8; bit < message.length * 8; bit++) {
      if (version == 1) {
        // Whatever is there but "v02" is read as "v01", and one bit does not turn one into the
        // other.
        assertArrayEquals(plaintext, kms.open(key, flipped(message, bit), AAD));
      } else {
        // It no longer reads as "v02": the version then counts as the end of the tag.
        assertRefused(flipped(message, bit), AAD);
      }
    }
    for (int bit = (trailer - 4) * 8; version > 1 && bit < trailer * 8; bit++) {
      // The version is a hint: a wrong one costs a second try.
      assertArrayEquals(plaintext, kms.open(key, flipped(message, bit), AAD));
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance({"C-27", "C-28"})
  void badTagLeavesNoPlaintextWhereverTheResultLies(Shape shape) throws Exception {
    byte[] good = kms.seal(key, plaintext(60), AAD);
    Set<Integer> shifts = new HashSet<>(List.of(-good.length - 5, good.length + 5));
    for (int k = -good.length; k <= good.length; k++) {
      shifts.add(k);
    }
    for (int k : shifts) {
      assertNothingLeft(shape, corrupted(good), 60, k, 0);
      assertNothingLeft(shape, corrupted(good), 60, k, 17);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance({"C-27", "C-28"})
  void badTagInPlaceLeavesNoPlaintextAtAnyLength(Shape shape) throws Exception {
    for (int length :
        new int[] {1, 15, 16, 17, 511, 512, 513, 768, 4_097, 8_191, 8_192, 8_193, 70_001}) {
      byte[] good = kms.seal(key, plaintext(length), AAD);

      assertNothingLeft(shape, corrupted(good), length, 0, 0);
      assertNothingLeft(shape, corrupted(good), length, ivBytes, 0);
      // Only the tag is wrong: the whole of the plaintext was computed.
      int tag = algorithm == KeyAlgorithm.XAES_256_GCM ? 29 + length : 12 + length;
      assertNothingLeft(shape, flipped(good, tag * 8), length, 0, 0);
    }
  }

  /** Every byte is as it was, or zero within the result. */
  private void assertNothingLeft(Shape shape, byte[] bad, int result, int k, int ahead)
      throws GeneralSecurityException {
    Cipher cipher = kms.opening(key, AAD);
    cipher.update(bad, 0, ahead);
    byte[] content = Arrays.copyOfRange(bad, ahead, bad.length);
    int in = bad.length + 20;
    int out = in + k;
    int room = result + 9;
    byte[] memory = Shape.memory(3 * bad.length + 60, content, in);
    byte[] before = memory.clone();

    AEADBadTagException e =
        assertThrows(
            AEADBadTagException.class,
            () -> shape.run(cipher, memory, in, content.length, out, room));

    assertEquals(REFUSED, e.getMessage());
    for (int i = 0; i < memory.length; i++) {
      boolean within = i >= out && i < out + result;
      boolean clean = memory[i] == before[i] || (within && memory[i] == 0);
      assertTrue(clean, "byte " + i + ", result at " + out + ", shift " + k);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-29")
  void badTagWithSeparateOutputLeavesZeroOrUnchanged(Shape shape) throws Exception {
    for (int length : new int[] {1, 100, 9_000}) {
      byte[] bad = corrupted(kms.seal(key, plaintext(length), AAD));
      byte[] memory = Shape.memory(bad.length + length + 60, bad, 20);
      byte[] before = memory.clone();
      int out = bad.length + 40;
      Cipher cipher = kms.opening(key, AAD);

      // Shape.run checks that positions stay.
      assertThrows(
          AEADBadTagException.class, () -> shape.run(cipher, memory, 20, bad.length, out, length));

      byte[] result = Arrays.copyOfRange(memory, out, out + length);
      byte[] was = Arrays.copyOfRange(before, out, out + length);
      assertTrue(Arrays.equals(result, was) || Arrays.equals(result, new byte[length]));
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-30")
  void afterABadTagTheNextMessageOpensWithoutInit(Shape shape) throws Exception {
    byte[] plaintext = plaintext(50);
    byte[] good = kms.seal(key, plaintext, AAD);
    byte[] bad = corrupted(good);
    byte[] memory = Shape.memory(600, good, 20);
    byte[] spoiled = Shape.memory(600, bad, 20);
    Cipher cipher = kms.opening(key, AAD);
    cipher.update(new byte[0]);

    assertThrows(
        AEADBadTagException.class, () -> shape.run(cipher, spoiled, 20, bad.length, 300, 100));
    cipher.updateAAD(AAD);
    shape.run(cipher, memory, 20, good.length, 300, 100);

    assertArrayEquals(plaintext, Arrays.copyOfRange(memory, 300, 350));
  }

  @Test
  @Conformance("C-30")
  void afterABadTagTheAllocatingDoFinalGoesOnToo() throws Exception {
    byte[] plaintext = plaintext(50);
    byte[] good = kms.seal(key, plaintext, AAD);
    Cipher cipher = kms.opening(key, AAD);
    cipher.update(corrupted(good));

    assertThrows(AEADBadTagException.class, () -> cipher.doFinal());
    assertThrows(AEADBadTagException.class, () -> cipher.doFinal(new byte[2]), "malformed");
    cipher.updateAAD(AAD);

    assertArrayEquals(plaintext, cipher.doFinal(good));
  }

  @Test
  @Conformance("C-30")
  void afterAGoodMessageTheNextOpensAndItsAadStartsEmpty() throws Exception {
    byte[] bound = kms.seal(key, plaintext(5), AAD);
    byte[] free = kms.seal(key, plaintext(6));
    Cipher cipher = kms.opening(key, AAD);

    assertArrayEquals(plaintext(5), cipher.doFinal(bound));
    assertArrayEquals(plaintext(6), cipher.doFinal(free));
    assertThrows(AEADBadTagException.class, () -> cipher.doFinal(bound));
    cipher.updateAAD(AAD);

    assertArrayEquals(plaintext(5), cipher.doFinal(bound));
  }
}
