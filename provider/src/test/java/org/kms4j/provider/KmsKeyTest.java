package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.InvalidKeyException;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

class KmsKeyTest {
  private static final UUID ID = UUID.fromString("7f894dc7-da51-4556-b9e4-c862b44c4f80");

  @Test
  @Conformance("C-42")
  void handleHasNoEncodingAndAStableAlgorithm() {
    KmsKey key = KmsKey.of(ID);

    assertNull(key.getFormat());
    assertNull(key.getEncoded());
    assertEquals("KMS", key.getAlgorithm());
    assertEquals(ID, key.keyId());
  }

  @Test
  @Conformance("C-42")
  void handlesAreEqualByKeyIdAndVersion() {
    assertEquals(KmsKey.of(ID), KmsKey.of(ID));
    assertEquals(KmsKey.of(ID).hashCode(), KmsKey.of(ID).hashCode());
    assertEquals(KmsKey.of(ID, 2), KmsKey.of(ID, 2));
    assertNotEquals(KmsKey.of(ID), KmsKey.of(ID, 1));
    assertNotEquals(KmsKey.of(ID, 1), KmsKey.of(ID, 2));
    assertNotEquals(KmsKey.of(ID), KmsKey.of(new UUID(0, 1)));
    assertFalse(KmsKey.of(ID).equals((Object) ID));
  }

  @Test
  @Conformance("C-42")
  void textShowsTheKeyId() {
    assertEquals("KmsKey[" + ID + "]", KmsKey.of(ID).toString());
    assertEquals("KmsKey[" + ID + ", version 3]", KmsKey.of(ID, 3).toString());
  }

  @Test
  void versionsBeginAtOne() {
    assertThrows(IllegalArgumentException.class, () -> KmsKey.of(ID, 0));
    assertThrows(IllegalArgumentException.class, () -> KmsKey.of(ID, -1));
  }

  @Test
  @Conformance("C-43")
  void destroyEndsTheHandleAndNothingElse() throws Exception {
    try (KmsFixture kms = KmsFixture.open()) {
      KmsKey one = kms.key(KeyAlgorithm.XAES_256_GCM);
      KmsKey other = KmsKey.of(one.keyId());
      byte[] message = kms.seal(one, new byte[4]);
      assertFalse(one.isDestroyed());

      one.destroy();
      one.destroy();

      assertTrue(one.isDestroyed());
      assertFalse(other.isDestroyed());
      Cipher cipher = kms.cipher();
      assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.DECRYPT_MODE, one));
      assertEquals(4, kms.open(other, message).length);
    }
  }

  @Test
  @Conformance("C-11")
  void refusesToBeSerialised() throws Exception {
    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
      NotSerializableException e =
          assertThrows(NotSerializableException.class, () -> out.writeObject(KmsKey.of(ID)));

      assertEquals(KmsKey.class.getName(), e.getMessage());
    }
  }

  @Test
  void requireGivesTheHandleItself() throws Exception {
    KmsKey key = KmsKey.of(ID);

    assertSame(key, KmsKey.require(key));
    assertThrows(InvalidKeyException.class, () -> KmsKey.require(null));
  }
}
