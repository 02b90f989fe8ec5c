package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

class KmsPrivateKeyTest {
  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    kms.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_4096", "ECC_NIST_P256", "ML_DSA_65"})
  @Conformance({"C-42", "C-48"})
  void handleHasNoEncodingAndTheNameThatLibrariesExpect(KeyAlgorithm algorithm) throws Exception {
    KmsPrivateKey key = kms.pair(algorithm);

    assertNull(key.getFormat());
    assertNull(key.getEncoded());
    assertEquals(algorithm.standardName(), key.getAlgorithm());
    assertEquals("KmsPrivateKey[" + key.keyId() + ", " + algorithm.text() + "]", key.toString());
  }

  @Test
  @Conformance("C-42")
  void handlesAreEqualByKeyId() throws Exception {
    KmsPrivateKey key = kms.pair(KeyAlgorithm.ECC_NIST_P256);

    assertEquals(key, kms.keyring.privateKey(key.keyId()));
    assertEquals(key.hashCode(), kms.keyring.privateKey(key.keyId()).hashCode());
    assertNotEquals(key, kms.pair(KeyAlgorithm.ECC_NIST_P256));
    assertFalse(key.equals((Object) KmsKey.of(key.keyId())), "a private key is no secret key");
  }

  @Test
  void handleTellsWhatIsPublicOfTheKey() throws Exception {
    KmsPrivateKey rsa = kms.pair(KeyAlgorithm.RSA_4096);
    KmsPrivateKey ec = kms.pair(KeyAlgorithm.ECC_NIST_P384);
    RSAPublicKey rsaPublic =
        assertInstanceOf(RSAPublicKey.class, kms.keyring.publicKey(rsa.keyId()));
    ECPublicKey ecPublic = assertInstanceOf(ECPublicKey.class, kms.keyring.publicKey(ec.keyId()));

    assertEquals(rsaPublic.getModulus(), assertInstanceOf(RSAKey.class, rsa).getModulus());
    assertEquals(4_096, ((RSAKey) rsa).getModulus().bitLength());
    assertNull(((RSAKey) rsa).getParams());
    assertEquals(ecPublic.getParams(), assertInstanceOf(ECKey.class, ec).getParams());
  }

  @Test
  @Conformance("C-43")
  void destroyEndsTheHandleAndNothingElse() throws Exception {
    KmsPrivateKey one = kms.pair(KeyAlgorithm.ECC_NIST_P256);
    KmsPrivateKey other = kms.keyring.privateKey(one.keyId());

    one.destroy();
    one.destroy();

    assertTrue(one.isDestroyed());
    assertFalse(other.isDestroyed());
    Signature signature = Signature.getInstance("SHA256withECDSA", kms.provider);
    signature.initSign(other);
    assertTrue(signature.sign().length > 60);
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_4096", "ECC_NIST_P256", "ML_DSA_65"})
  @Conformance("C-11")
  void refusesToBeSerialised(KeyAlgorithm algorithm) throws Exception {
    KmsPrivateKey key = kms.pair(algorithm);
    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
      assertThrows(NotSerializableException.class, () -> out.writeObject(key));
    }
  }
}
