package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyUsage;

/** What a KeyStore of type KMS takes in, and lets go. */
class KmsKeyStoreImportTest extends KeyStoreCase {
  @ParameterizedTest
  @CsvSource({
    "AES, 16, AES_128_GCM",
    "aes, 32, AES_256_GCM",
    "XAES-256-GCM, 32, XAES_256_GCM",
    "HmacSHA256, 32, HMAC_SHA_256",
    "HMAC_SHA_256, 32, HMAC_SHA_256",
  })
  @Conformance("C-45")
  void secretKeyIsImportedByItsAlgorithm(String name, int bytes, KeyAlgorithm algorithm)
      throws Exception {
    keys.setKeyEntry("moved", secret(name, bytes), null, null);

    KeyMetadata key = kms.keyring.findByName(KeyMetadata.DEFAULT_PROJECT, "moved").orElseThrow();
    assertEquals(algorithm, key.algorithm());
    assertFalse(key.exportable());
    assertEquals(KmsKey.of(key.id()), keys.getKey("moved", null));
  }

  @Test
  @Conformance("C-45")
  void importedKeyOpensWhatItsBytesSealed() throws Exception {
    SecretKey key = secret("AES", 32);
    keys.setKeyEntry("moved", key, PASSWORD, null);
    KmsKey handle = assertInstanceOf(KmsKey.class, keys.getKey("moved", null));

    byte[] message = kms.seal(handle, KmsFixture.text("hello"));

    assertArrayEquals(
        KmsFixture.text("hello"), ReferenceReader.infisical(key.getEncoded(), message));
  }

  @Test
  @Conformance("C-45")
  void everyAlgorithmOfOursWithOneSecretIsReachedByItsJcaName() throws Exception {
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      if (algorithm.usage() == KeyUsage.GENERATE_VERIFY_MAC) {
        String name = algorithm.text().replace("HMAC_SHA_", "HmacSHA");
        keys.setKeyEntry(name, secret(name, algorithm.materialBytes()), null, null);
        KmsKey handle = assertInstanceOf(KmsKey.class, keys.getKey(name, null));
        assertEquals(algorithm, kms.keyring.describe(handle.keyId()).algorithm());
      }
    }
  }

  @Test
  @Conformance("C-45")
  void entryIsImportedWithAndWithoutPassword() throws Exception {
    KeyStore.SecretKeyEntry entry = new KeyStore.SecretKeyEntry(secret("AES", 16));

    keys.setEntry("a", entry, null);
    keys.setEntry("b", entry, new KeyStore.PasswordProtection(PASSWORD));

    assertEquals(2, keys.size());
  }

  @Test
  @Conformance("C-45")
  void aliasThatIsAKeyIdBecomesTheKeyId() throws Exception {
    UUID id = UUID.randomUUID();

    keys.setKeyEntry(id.toString().toUpperCase(Locale.ROOT), secret("AES", 32), null, null);

    assertEquals(id.toString(), kms.keyring.describe(id).name());
    assertEquals(KmsKey.of(id), keys.getKey(id.toString(), null));
  }

  @Test
  @Conformance("C-45")
  void takenNameIsNamedAndItsKeyIsLeftAsItWas() throws Exception {
    KeyMetadata key = create("orders");

    for (String alias : List.of("orders", key.id().toString())) {
      KeyStoreException e =
          assertThrows(
              KeyStoreException.class,
              () -> keys.setKeyEntry(alias, secret("AES", 32), null, null));
      assertRefused(e, "'" + alias + "'", "already exists");
    }
    assertEquals(key, kms.keyring.describe(key.id()));
    assertEquals(1, keys.size());
  }

  @Test
  @Conformance("C-45")
  void keyIdOfAnotherProjectIsNotTaken() throws Exception {
    UUID id = create("orders").id();
    keys.load(new ProjectParameter("shop"));

    assertRefused(
        assertThrows(
            KeyStoreException.class,
            () -> keys.setKeyEntry(id.toString(), secret("AES", 32), null, null)),
        "there is a key " + id + " already");
  }

  @ParameterizedTest
  @CsvSource({
    "AES, 24",
    "AES, 15",
    "AES, 1000000",
    "XAES-256-GCM, 16",
    "HmacSHA256, 15",
    "HmacMD5, 16",
    "DESede, 24",
    "ChaCha20, 32",
  })
  @Conformance("C-45")
  void keyThatFitsNothingIsRefusedWithItsSizeAndWithoutItsBytes(String name, int bytes)
      throws Exception {
    KeyStoreException e =
        assertThrows(
            KeyStoreException.class, () -> keys.setKeyEntry("x", secret(name, bytes), null, null));

    assertRefused(e, "'x'", String.valueOf(bytes));
    assertEquals(0, keys.size());
  }

  @Test
  @Conformance("C-45")
  void otherKindsOfKeysAndEntriesAreRefused() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
    KmsKey handle = KmsKey.of(create("orders").id());
    Certificate[] chain = {new NoCertificate()};

    assertUnset("given is no key", "x", null);
    assertUnset("SecretKey", "x", pair.getPublic());
    assertUnset("certificates", "x", pair.getPrivate(), chain);
    assertUnset("certificates", "x", secret("AES", 32), chain);
    assertUnset(handle.keyId() + " is a key of KMS already", "x", handle);
    assertUnset("the alias is empty", "", secret("AES", 32));
    assertUnset("255", "x".repeat(256), secret("AES", 32));
    assertUnset("control", "x\n", secret("AES", 32));
    assertThrows(KeyStoreException.class, () -> keys.setKeyEntry("x", new byte[9], null));
    assertThrows(KeyStoreException.class, () -> keys.setCertificateEntry("x", new NoCertificate()));
    assertThrows(
        KeyStoreException.class,
        () -> keys.setEntry("x", new KeyStore.TrustedCertificateEntry(new NoCertificate()), null));
    assertEquals(List.of("orders"), Collections.list(keys.aliases()));
  }

  private void assertUnset(String why, String alias, @Nullable Key key, Certificate... chain) {
    assertRefused(
        assertThrows(KeyStoreException.class, () -> keys.setKeyEntry(alias, key, PASSWORD, chain)),
        why);
  }

  @Test
  @Conformance("C-45")
  void deletedEntryIsGoneForGood() throws Exception {
    KeyMetadata named = create("orders");
    KeyMetadata other = create("other");
    byte[] message = kms.seal(KmsKey.of(named.id()), new byte[1]);

    keys.deleteEntry("orders");
    keys.deleteEntry(other.id().toString());

    assertEquals(0, keys.size());
    assertThrows(KeyNotFoundException.class, () -> kms.open(KmsKey.of(named.id()), message));
    assertThrows(KeyStoreException.class, () -> keys.deleteEntry("orders"));
  }
}
