package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/** Foreign keys, carried by a KMS key. */
class CipherWrapTest {
  /** Those that seal. */
  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Retention(RetentionPolicy.RUNTIME)
  @interface EachAlgorithm {}

  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    kms.close();
  }

  private byte[] wrap(KmsKey key, Key foreign) throws GeneralSecurityException {
    return kms.ready(Cipher.WRAP_MODE, key).wrap(foreign);
  }

  private Key unwrap(KmsKey key, byte[] wrapped, String algorithm, int type)
      throws GeneralSecurityException {
    return kms.ready(Cipher.UNWRAP_MODE, key).unwrap(wrapped, algorithm, type);
  }

  @EachAlgorithm
  @Conformance("C-38")
  void secretPrivateAndPublicKeysComeBack(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm, 2);
    SecretKey secret = new SecretKeySpec(KmsFixture.bytes(5, 32), "AES");
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();

    assertEquals(secret, unwrap(key, wrap(key, secret), "AES", Cipher.SECRET_KEY));
    Key priv = unwrap(key, wrap(key, pair.getPrivate()), "EC", Cipher.PRIVATE_KEY);
    assertEquals(pair.getPrivate(), priv);
    assertEquals(
        pair.getPublic(), unwrap(key, wrap(key, pair.getPublic()), "EC", Cipher.PUBLIC_KEY));
  }

  @EachAlgorithm
  @Conformance("C-38")
  void wrapIsASealedMessageOfTheEncoding(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);
    byte[] raw = KmsFixture.bytes(6, 16);
    Cipher cipher = kms.ready(Cipher.WRAP_MODE, key);

    byte[] wrapped = cipher.wrap(new SecretKeySpec(raw, "AES"));

    assertArrayEquals(raw, kms.open(key, wrapped));
    assertArrayEquals(
        raw, unwrap(key, kms.seal(key, raw), "Any name", Cipher.SECRET_KEY).getEncoded());
    assertThrows(
        IllegalStateException.class, () -> cipher.wrap(new SecretKeySpec(raw, "AES")), "one IV");
  }

  @EachAlgorithm
  @Conformance("C-38")
  void keyWithoutEncodingIsRefusedAndTheCipherIsStillReady(KeyAlgorithm algorithm)
      throws Exception {
    KmsKey key = kms.key(algorithm);
    Cipher cipher = kms.ready(Cipher.WRAP_MODE, key);

    InvalidKeyException e = assertThrows(InvalidKeyException.class, () -> cipher.wrap(key));

    assertTrue(KmsFixture.message(e).contains("encoding"), e.getMessage());
    assertArrayEquals(
        new byte[16], kms.open(key, cipher.wrap(new SecretKeySpec(new byte[16], "AES"))));
  }

  @EachAlgorithm
  @Conformance("C-38")
  void tamperedWrapIsAnInvalidKeyWithoutACause(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);
    byte[] wrapped = wrap(key, new SecretKeySpec(KmsFixture.bytes(7, 32), "AES"));
    Cipher cipher = kms.ready(Cipher.UNWRAP_MODE, key);

    for (int i : new int[] {0, 12, 28, wrapped.length / 2}) {
      byte[] bad = wrapped.clone();
      bad[i] ^= 1;
      InvalidKeyException e =
          assertThrows(
              InvalidKeyException.class, () -> cipher.unwrap(bad, "AES", Cipher.SECRET_KEY));
      assertNull(e.getCause());
    }
    for (int length : new int[] {0, 1, 30}) {
      assertThrows(
          InvalidKeyException.class,
          () -> cipher.unwrap(Arrays.copyOf(wrapped, length), "AES", Cipher.SECRET_KEY));
    }
    // It is ready for the next, as after every decryption.
    assertEquals(32, cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded().length);
  }

  @EachAlgorithm
  @Conformance("C-38")
  void whatIsNoSuchKeyIsRefusedWithoutItsBytes(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);
    byte[] noise = new byte[40];
    new Random(8).nextBytes(noise);
    byte[] wrapped = wrap(key, new SecretKeySpec(noise, "AES"));

    InvalidKeyException e =
        assertThrows(
            InvalidKeyException.class, () -> unwrap(key, wrapped, "EC", Cipher.PRIVATE_KEY));
    assertFalse(
        KmsFixture.message(e).contains(HexFormat.of().formatHex(noise, 0, 4)), e.getMessage());
    assertNull(e.getCause());
    assertThrows(InvalidKeyException.class, () -> unwrap(key, wrapped, "EC", Cipher.PUBLIC_KEY));
    assertThrows(
        NoSuchAlgorithmException.class, () -> unwrap(key, wrapped, "None", Cipher.PUBLIC_KEY));
    byte[] empty = kms.seal(key, new byte[0]);
    assertThrows(InvalidKeyException.class, () -> unwrap(key, empty, "AES", Cipher.SECRET_KEY));
  }

  @EachAlgorithm
  @Conformance("C-38")
  void modesDoNotMix(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);
    Cipher wrapping = kms.ready(Cipher.WRAP_MODE, key);
    Cipher sealing = kms.ready(Cipher.ENCRYPT_MODE, key);

    assertThrows(IllegalStateException.class, () -> wrapping.doFinal(new byte[1]));
    assertThrows(
        IllegalStateException.class, () -> sealing.wrap(new SecretKeySpec(new byte[16], "AES")));
  }
}
