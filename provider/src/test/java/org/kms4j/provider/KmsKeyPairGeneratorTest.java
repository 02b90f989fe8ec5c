package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.List;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;

class KmsKeyPairGeneratorTest {
  private final KmsFixture kms = KmsFixture.open();
  private KeyPairGenerator generator;

  @BeforeEach
  void get() throws Exception {
    generator = KeyPairGenerator.getInstance("KMS", kms.provider);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  private static KmsPrivateKey handle(KeyPair pair) {
    return assertInstanceOf(KmsPrivateKey.class, pair.getPrivate());
  }

  private KeyMetadata generated() throws Exception {
    return kms.keyring.describe(handle(generator.generateKeyPair()).keyId());
  }

  private KeyAlgorithm generated(AlgorithmParameterSpec spec) throws Exception {
    generator.initialize(spec);
    return generated().algorithm();
  }

  @Test
  @Conformance("C-48")
  void withoutInitItMakesAStoredP256KeyWhosePublicKeyIsOrdinary() throws Exception {
    KeyPair pair = generator.generateKeyPair();
    try (KmsFixture twin = KmsFixture.over(kms.store)) {
      KeyMetadata key = twin.keyring.describe(handle(pair).keyId());
      Signature signature = Signature.getInstance("SHA256withECDSA", twin.provider);
      signature.initSign(pair.getPrivate());
      byte[] signed = signature.sign();
      Signature plain = Signature.getInstance("SHA256withECDSA");
      plain.initVerify(pair.getPublic());

      assertTrue(plain.verify(signed));
      assertEquals(KeyAlgorithm.ECC_NIST_P256, key.algorithm());
      assertEquals(key.id().toString(), key.name());
      assertEquals("X.509", pair.getPublic().getFormat());
      assertEquals(pair.getPublic(), twin.keyring.publicKey(key.id()));
    }
    assertNotEquals(pair.getPublic(), generator.generateKeyPair().getPublic());
  }

  @Test
  @Conformance("C-48")
  void rsaHas4096BitsAndTheUsualExponent() throws Exception {
    generator.initialize(4_096);
    PublicKey key = generator.generateKeyPair().getPublic();

    RSAPublicKey rsa = assertInstanceOf(RSAPublicKey.class, key);
    assertEquals(4_096, rsa.getModulus().bitLength());
    assertEquals(BigInteger.valueOf(65_537), rsa.getPublicExponent());
  }

  @Test
  void specsOfTheJdkSayTheAlgorithm() throws Exception {
    assertEquals(KeyAlgorithm.ECC_NIST_P384, generated(new ECGenParameterSpec("secp384r1")));
    assertEquals(KeyAlgorithm.ECC_NIST_P521, generated(new ECGenParameterSpec("P-521")));
    assertEquals(KeyAlgorithm.ML_DSA_44, generated(new NamedParameterSpec("ML-DSA-44")));
    generator.initialize(384);
    assertEquals(KeyAlgorithm.ECC_NIST_P384, generated().algorithm());
  }

  @Test
  void specOfOursSaysNameAlgorithmAndProject() throws Exception {
    generator.initialize(NewKeySpec.of("signer", KeyAlgorithm.ML_DSA_87).inProject("shop"));

    KeyMetadata key = generated();

    assertEquals("signer", key.name());
    assertEquals("shop", key.project());
    assertEquals(KeyAlgorithm.ML_DSA_87, key.algorithm());
  }

  @Test
  void nameThatIsTakenIsNamedInTheRefusal() throws Exception {
    generator.initialize(NewKeySpec.of("signer", KeyAlgorithm.ECC_NIST_P256));
    generator.generateKeyPair();

    InvalidParameterException e =
        assertThrows(InvalidParameterException.class, () -> generator.generateKeyPair());

    assertInstanceOf(KeyNameTakenException.class, e.getCause());
  }

  @Test
  void whatIsNoKeyPairOfOursIsRefused() {
    for (AlgorithmParameterSpec spec :
        List.of(
            NewKeySpec.of("", KeyAlgorithm.AES_256_GCM),
            NewKeySpec.of("", KeyAlgorithm.HMAC_SHA_256),
            new ECGenParameterSpec("secp256k1"),
            new RSAKeyGenParameterSpec(2_048, RSAKeyGenParameterSpec.F4),
            new RSAKeyGenParameterSpec(4_096, RSAKeyGenParameterSpec.F0),
            new IvParameterSpec(new byte[12]))) {
      assertThrows(InvalidAlgorithmParameterException.class, () -> generator.initialize(spec));
    }
    for (int bits : new int[] {0, 128, 2_048, 3_072}) {
      assertThrows(InvalidParameterException.class, () -> generator.initialize(bits));
    }
  }

  @Test
  void generatorOfSecretKeysMakesNoPairs() throws Exception {
    KeyGenerator secret = KeyGenerator.getInstance("KMS", kms.provider);
    NewKeySpec spec = NewKeySpec.of("", KeyAlgorithm.ECC_NIST_P256);

    assertThrows(InvalidAlgorithmParameterException.class, () -> secret.init(spec));
  }
}
