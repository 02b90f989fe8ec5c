package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.SealedObject;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;

/** What every message format promises a caller of {@code javax.crypto.Cipher}. */
abstract class CipherContract {
  private static final byte[] AAD = KmsFixture.text("bound to this");
  private static final String REFUSED = "the message does not open under this key";

  private final KeyAlgorithm algorithm;
  private final int version;
  private final int ivBytes;
  private final int overhead;

  KmsFixture kms;
  KmsKey key;

  CipherContract(KeyAlgorithm algorithm, int version, int ivBytes, int overhead) {
    this.algorithm = algorithm;
    this.version = version;
    this.ivBytes = ivBytes;
    this.overhead = overhead;
  }

  @BeforeEach
  void open() throws GeneralSecurityException {
    kms = KmsFixture.open();
    key = kms.key(algorithm, version);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  private static byte[] plaintext(int length) {
    byte[] plaintext = KmsFixture.bytes(length, length);
    for (int i = 0; i < length; i++) {
      plaintext[i] |= 1;
    }
    return plaintext;
  }

  private static byte[] flipped(byte[] message, int bit) {
    byte[] changed = message.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return changed;
  }

  /** A bit that every format authenticates: of the ciphertext, else of the tag. */
  private byte[] corrupted(byte[] message) {
    int ciphertext = algorithm == KeyAlgorithm.XAES_256_GCM ? 29 : 12;
    return flipped(message, ciphertext * 8);
  }

  private void assertRefused(byte[] message, byte... aad) throws GeneralSecurityException {
    Cipher cipher = kms.opening(key, aad);
    AEADBadTagException e = assertThrows(AEADBadTagException.class, () -> cipher.doFinal(message));
    assertEquals(REFUSED, e.getMessage());
    assertNull(e.getCause());
    assertEquals(0, e.getSuppressed().length);
  }

  // Init

  @Test
  @Conformance("C-14")
  void encryptInitDrawsTheIvAndTellsItInEqualCopies() throws Exception {
    Cipher cipher = kms.sealing(key);
    byte[] before = cipher.getIV();
    byte[] told = before.clone();

    Arrays.fill(before, (byte) 0);
    byte[] message = cipher.doFinal(plaintext(20));

    assertEquals(ivBytes, told.length);
    assertNull(cipher.getParameters());
    int at = algorithm == KeyAlgorithm.XAES_256_GCM ? 5 : 0;
    assertArrayEquals(told, Arrays.copyOfRange(message, at, at + ivBytes));
    assertArrayEquals(told, cipher.getIV(), "also after doFinal");
  }

  @Test
  @Conformance("C-14")
  void decryptInitHasNoIvBecauseTheMessageBringsIt() throws Exception {
    Cipher cipher = kms.opening(key);

    assertNull(cipher.getIV());
    assertNull(cipher.getParameters());
  }

  @Test
  @Conformance("C-15")
  void anyParametersOfTheCallerAreRefusedWithWhatToDoInstead() throws Exception {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM");
    parameters.init(new GCMParameterSpec(128, new byte[12]));
    List<AlgorithmParameterSpec> specs =
        List.of(
            new GCMParameterSpec(128, new byte[12]),
            new IvParameterSpec(new byte[12]),
            new IvParameterSpec(new byte[24]));
    for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
      Cipher cipher = kms.ready(mode, key);

      for (AlgorithmParameterSpec spec : specs) {
        InvalidAlgorithmParameterException e =
            assertThrows(
                InvalidAlgorithmParameterException.class, () -> cipher.init(mode, key, spec));
        assertTrue(KmsFixture.message(e).contains("init(mode, key)"), KmsFixture.message(e));
      }

      assertThrows(
          InvalidAlgorithmParameterException.class, () -> cipher.init(mode, key, parameters));
      assertThrows(IllegalStateException.class, () -> cipher.doFinal(new byte[1]));
    }
  }

  @Test
  @Conformance("C-15")
  @SuppressWarnings("NullAway") // the point of the test
  void nullParametersAreAsNone() throws Exception {
    Cipher cipher = kms.cipher();
    byte[] plaintext = plaintext(9);

    cipher.init(Cipher.ENCRYPT_MODE, key, (AlgorithmParameterSpec) null);
    byte[] message = cipher.doFinal(plaintext);
    cipher.init(Cipher.DECRYPT_MODE, key, (AlgorithmParameters) null);

    assertArrayEquals(plaintext, cipher.doFinal(message));
  }

  @Test
  @Conformance("C-16")
  void secureRandomOfTheCallerNeverDecidesAnIv() throws Exception {
    SecureRandom constant =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 4);
          }
        };
    Cipher cipher = kms.cipher();
    Set<ByteBuffer> ivs = new HashSet<>();

    for (int i = 0; i < 1_000; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key, constant);
      assertTrue(ivs.add(ByteBuffer.wrap(cipher.getIV())), "an IV came twice");
    }
  }

  @Test
  @Conformance("C-17")
  void whatIsWrongWithTheKeyIsTypedAndNamesTheKeyId() throws Exception {
    Cipher cipher = kms.cipher();
    UUID nobody = UUID.randomUUID();
    KmsKey mac = kms.key(KeyAlgorithm.HMAC_SHA_256);
    for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {

      KeyNotFoundException unknown =
          assertThrows(KeyNotFoundException.class, () -> cipher.init(mode, KmsKey.of(nobody)));
      KeyNotFoundException unborn =
          assertThrows(
              KeyNotFoundException.class,
              () -> cipher.init(mode, KmsKey.of(key.keyId(), version + 1)));
      KeyUsageException usage = assertThrows(KeyUsageException.class, () -> cipher.init(mode, mac));

      assertEquals(nobody, unknown.keyId());
      assertEquals(key.keyId(), unborn.keyId());
      assertEquals(mac.keyId(), usage.keyId());
      assertEquals(KeyUsage.ENCRYPT_DECRYPT, usage.expected());
      assertEquals(KeyUsage.GENERATE_VERIFY_MAC, usage.actual());
    }
  }

  @Test
  @Conformance("C-17")
  void disabledKeyIsRefusedAtInitUntilItIsEnabled() throws Exception {
    Cipher cipher = kms.cipher();
    byte[] message = kms.seal(key, plaintext(5));

    kms.keyring.disable(key.keyId());

    KeyStateException e =
        assertThrows(KeyStateException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, key));
    assertEquals(key.keyId(), e.keyId());
    assertEquals(KeyState.DISABLED, e.state());
    assertThrows(KeyStateException.class, () -> cipher.init(Cipher.DECRYPT_MODE, key));
    kms.keyring.enable(key.keyId());
    assertArrayEquals(plaintext(5), kms.open(key, message));
  }

  @Test
  @Conformance("C-17")
  void destroyedHandleIsRefusedAtInitNamingTheKeyId() throws Exception {
    Cipher cipher = kms.cipher();
    KmsKey handle = KmsKey.of(key.keyId());

    handle.destroy();

    InvalidKeyException e =
        assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, handle));
    assertTrue(KmsFixture.message(e).contains(key.keyId().toString()), KmsFixture.message(e));
  }

  @Test
  @Conformance("C-17")
  void typedExceptionsComeUnchangedThroughTheSearchOfProviders() throws Exception {
    Security.addProvider(kms.provider);
    try {
      Cipher cipher = Cipher.getInstance(KmsFixture.TRANSFORMATION);
      UUID nobody = UUID.randomUUID();

      KeyNotFoundException e =
          assertThrows(
              KeyNotFoundException.class,
              () -> cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(nobody)));

      assertEquals(nobody, e.keyId());
    } finally {
      Security.removeProvider(KmsProvider.NAME);
    }
  }

  @Test
  @Conformance("C-18")
  void cipherThatWasInitialisedBeforeTheKeyWasDisabledSealsNothingMore() throws Exception {
    Cipher sealing = kms.sealing(key);
    Cipher opening = kms.opening(key);
    byte[] message = kms.seal(key, plaintext(5));

    kms.keyring.disable(key.keyId());

    assertThrows(IllegalStateException.class, () -> sealing.doFinal(plaintext(5)));
    assertThrows(IllegalStateException.class, () -> opening.doFinal(message));
  }

  @Test
  @Conformance("C-19")
  void failedInitLeavesTheCipherUnusableUntilAGoodOne() throws Exception {
    Cipher cipher = kms.sealing(key);
    KmsKey unknown = KmsKey.of(UUID.randomUUID());

    assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, unknown));

    assertThrows(IllegalStateException.class, () -> cipher.update(new byte[1]));
    assertThrows(IllegalStateException.class, () -> cipher.updateAAD(new byte[1]));
    assertThrows(IllegalStateException.class, () -> cipher.doFinal());
    cipher.init(Cipher.ENCRYPT_MODE, key);
    assertArrayEquals(plaintext(3), kms.open(key, cipher.doFinal(plaintext(3))));
  }

  @Test
  @Conformance("C-19")
  void initDiscardsWhatWasCollectedAndTheIv() throws Exception {
    Cipher cipher = kms.sealing(key, AAD);
    byte[] abandoned = cipher.getIV();
    cipher.update(plaintext(50));

    cipher.init(Cipher.ENCRYPT_MODE, key);

    assertFalse(Arrays.equals(abandoned, cipher.getIV()));
    assertArrayEquals(plaintext(4), kms.open(key, cipher.doFinal(plaintext(4))));
  }

  @Test
  @Conformance("C-20")
  void keySizeIsThatOfTheKeyThoughItHasNoEncoding() throws Exception {
    Cipher cipher = kms.cipher();

    // Cipher asks engineGetKeySize in both modes before it lets a key pass the crypto policy.
    cipher.init(Cipher.ENCRYPT_MODE, key);

    assertEquals(
        algorithm == KeyAlgorithm.AES_128_GCM ? 128 : 256,
        new KmsCipher(kms.keyring).engineGetKeySize(key));
    assertNull(key.getEncoded());
  }

  // Data path

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
  @Conformance("C-31")
  void everyInitDrawsAFreshIv() throws Exception {
    Cipher cipher = kms.cipher();
    Set<ByteBuffer> ivs = new HashSet<>();

    for (int i = 0; i < 5_000; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      assertTrue(ivs.add(ByteBuffer.wrap(cipher.getIV())));
    }
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
    int in = 100;
    int out = in + k;
    byte[] memory = Shape.memory(400, input, in);
    byte[] before = memory.clone();

    assertEquals(result, shape.run(cipher, memory, in, input.length, out, result));

    IntStream.range(0, memory.length)
        .filter(i -> i < out || i >= out + result)
        .forEach(i -> assertEquals(before[i], memory[i], "byte " + i + " of shift " + k));
    return Arrays.copyOfRange(memory, out, out + result);
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

  @Test
  @Conformance("C-09")
  void foreignKeyIsRefusedWithoutItsBytes() throws Exception {
    byte[] material = KmsFixture.text("0123456789abcdef");
    SecretKeySpec foreign = new SecretKeySpec(material, "AES");
    Cipher cipher = kms.cipher();

    InvalidKeyException e =
        assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, foreign));

    assertSame(InvalidKeyException.class, e.getClass());
    String message = KmsFixture.message(e);
    assertTrue(message.contains("KmsKey"), message);
    assertFalse(message.contains("0123456789abcdef") || message.contains("30313233"), message);
  }

  @Test
  void rotationLeavesOldMessagesReadableAndSealsUnderTheNewVersion() throws Exception {
    byte[] before = kms.seal(key, plaintext(7), AAD);

    kms.keyring.rotate(key.keyId());

    byte[] after = kms.seal(key, plaintext(8), AAD);
    assertArrayEquals(plaintext(7), kms.open(key, before, AAD));
    assertArrayEquals(plaintext(8), kms.open(key, after, AAD));
    KmsKey old = KmsKey.of(key.keyId(), version);
    assertArrayEquals(plaintext(7), kms.open(old, before, AAD));
    assertThrows(AEADBadTagException.class, () -> kms.open(old, after, AAD));
    assertInstanceOf(KmsKey.class, old);
  }

  @Test
  void cipherThatOutlivesTheCacheGoesOn() throws Exception {
    byte[] message = kms.seal(key, plaintext(7));
    Cipher sealing = kms.sealing(key);
    Cipher opening = kms.opening(key);

    kms.keyring.cache().forgetAll();

    assertArrayEquals(plaintext(7), opening.doFinal(message));
    assertArrayEquals(plaintext(9), kms.open(key, sealing.doFinal(plaintext(9))));
  }

  @Test
  void cipherThatWasInitialisedBeforeARotationSealsUnderItsOwnVersion() throws Exception {
    Cipher sealing = kms.sealing(key);
    byte[] iv = sealing.getIV();

    kms.keyring.rotate(key.keyId());
    byte[] message = sealing.doFinal(plaintext(9));

    assertEquals(9 + overhead, message.length);
    int at = algorithm == KeyAlgorithm.XAES_256_GCM ? 5 : 0;
    assertArrayEquals(iv, Arrays.copyOfRange(message, at, at + ivBytes));
    assertArrayEquals(plaintext(9), kms.open(KmsKey.of(key.keyId(), version), message));
  }
}
