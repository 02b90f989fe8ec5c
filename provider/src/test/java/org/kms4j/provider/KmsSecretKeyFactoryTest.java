package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.InvalidKeyException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.UUID;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

class KmsSecretKeyFactoryTest {
  private final KmsFixture kms = KmsFixture.open();
  private SecretKeyFactory factory;

  @BeforeEach
  void get() throws Exception {
    factory = SecretKeyFactory.getInstance("KMS", kms.provider);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  @Test
  @Conformance("C-47")
  void keyIdAndHandleBecomeOneAnother() throws Exception {
    UUID id = UUID.randomUUID();

    KmsKey key = (KmsKey) factory.generateSecret(new KeyIdSpec(id));

    assertEquals(KmsKey.of(id), key);
    assertEquals(new KeyIdSpec(id), factory.getKeySpec(key, KeyIdSpec.class));
    assertEquals(new KeyIdSpec(id), factory.getKeySpec(key, KeySpec.class));
  }

  @Test
  @Conformance("C-47")
  void materialDoesNotLeaveAsASpec() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);

    assertThrows(InvalidKeySpecException.class, () -> factory.getKeySpec(key, SecretKeySpec.class));
  }

  @Test
  @Conformance("C-47")
  void foreignSpecsAndKeysAreRefused() {
    SecretKeySpec foreign = new SecretKeySpec(new byte[16], "AES");

    assertThrows(InvalidKeySpecException.class, () -> factory.generateSecret(foreign));
    assertThrows(InvalidKeySpecException.class, () -> factory.getKeySpec(foreign, KeyIdSpec.class));
    assertThrows(InvalidKeyException.class, () -> factory.translateKey(foreign));
  }

  @Test
  void handleTranslatesToItself() throws Exception {
    KmsKey key = KmsKey.of(UUID.randomUUID());

    assertSame(key, factory.translateKey(key));
  }
}
