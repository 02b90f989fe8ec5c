package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.SecureRandom;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;

class KmsKeyGeneratorTest {
  private final KmsFixture kms = KmsFixture.open();
  private KeyGenerator generator;

  @BeforeEach
  void get() throws Exception {
    generator = KeyGenerator.getInstance("KMS", kms.provider);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  private KmsKey generate() {
    return assertInstanceOf(KmsKey.class, generator.generateKey());
  }

  private KeyMetadata generated() throws Exception {
    return kms.keyring.describe(generate().keyId());
  }

  @Test
  @Conformance("C-46")
  void withoutInitItMakesAnXaesKeyNamedByItsKeyId() throws Exception {
    KeyMetadata key = generated();

    assertEquals(KeyAlgorithm.XAES_256_GCM, key.algorithm());
    assertEquals(key.id().toString(), key.name());
    assertEquals(KeyMetadata.DEFAULT_PROJECT, key.project());
    assertEquals(1, key.primaryVersion());
  }

  @Test
  @Conformance("C-46")
  void keyIsStoredBeforeItIsReturnedAndSeals() throws Exception {
    KmsKey key = generate();
    try (KmsFixture twin = KmsFixture.over(kms.store)) {

      byte[] message = kms.seal(key, new byte[9]);

      assertArrayEquals(new byte[9], twin.open(key, message));
    }
    assertNotEquals(key, generate());
  }

  @Test
  @Conformance("C-46")
  void specSaysNameAlgorithmAndProject() throws Exception {
    generator.init(NewKeySpec.of("orders", KeyAlgorithm.AES_128_GCM).inProject("shop"));

    KeyMetadata key = generated();

    assertEquals("orders", key.name());
    assertEquals("shop", key.project());
    assertEquals(KeyAlgorithm.AES_128_GCM, key.algorithm());
  }

  @Test
  @Conformance("C-46")
  void sizesAre128And256AndNoOther() throws Exception {
    generator.init(128);
    assertEquals(KeyAlgorithm.AES_128_GCM, generated().algorithm());
    generator.init(256);
    assertEquals(KeyAlgorithm.XAES_256_GCM, generated().algorithm());

    for (int bits : new int[] {0, -1, 192, 512}) {
      assertThrows(InvalidParameterException.class, () -> generator.init(bits));
    }
  }

  @Test
  void nameThatIsTakenIsNamedInTheRefusal() throws Exception {
    generator.init(NewKeySpec.of("orders", KeyAlgorithm.AES_128_GCM));
    generate();

    InvalidParameterException e =
        assertThrows(InvalidParameterException.class, () -> generator.generateKey());

    assertInstanceOf(KeyNameTakenException.class, e.getCause());
  }

  @Test
  void foreignSpecIsRefused() {
    assertThrows(
        InvalidAlgorithmParameterException.class,
        () -> generator.init(new IvParameterSpec(new byte[12])));
  }

  @Test
  void secureRandomOfTheCallerHasNoSayInTheMaterial() throws Exception {
    SecureRandom constant =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {}
        };
    generator.init(constant);
    KmsKey one = generate();
    generator.init(256, constant);

    byte[] message = kms.seal(generate(), new byte[1]);

    assertThrows(javax.crypto.AEADBadTagException.class, () -> kms.open(one, message));
  }
}
