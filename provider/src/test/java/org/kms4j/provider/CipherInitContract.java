package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
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
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;

/**
 * What {@code init} promises: IV, parameters, keys that may not be used, and what a change of the
 * key means for an object that was initialised before it.
 */
abstract class CipherInitContract extends CipherContract {
  CipherInitContract(MessageFormat format) {
    super(format);
  }

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
  @Conformance("C-31")
  void everyInitDrawsAFreshIv() throws Exception {
    Cipher cipher = kms.cipher();
    Set<ByteBuffer> ivs = new HashSet<>();

    for (int i = 0; i < 5_000; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      assertTrue(ivs.add(ByteBuffer.wrap(cipher.getIV())));
    }
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
