package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableEntryException;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyStateException;
import org.kms4j.store.StoreException;
import org.kms4j.store.StoredKey;

class KmsKeyStoreTest extends KeyStoreCase {
  @Test
  @Conformance({"C-45", "C-48"})
  void keyPairIsAPrivateKeyHandleWithoutACertificate() throws Exception {
    KmsPrivateKey pair = kms.pair(KeyAlgorithm.ECC_NIST_P256);
    String alias = pair.keyId().toString();

    Signature signature = Signature.getInstance("SHA256withECDSA", kms.provider);
    signature.initSign((PrivateKey) keys.getKey(alias, PASSWORD));
    signature.update(new byte[3]);
    byte[] signed = signature.sign();

    signature.initVerify(kms.keyring.publicKey(pair.keyId()));
    signature.update(new byte[3]);
    assertTrue(signature.verify(signed));
    assertTrue(keys.isKeyEntry(alias));
    assertFalse(keys.entryInstanceOf(alias, KeyStore.PrivateKeyEntry.class));
    assertFalse(keys.entryInstanceOf(alias, KeyStore.SecretKeyEntry.class));
    assertThrows(UnrecoverableEntryException.class, () -> keys.getEntry(alias, null));
    kms.keyring.disable(pair.keyId());
    UnrecoverableKeyException e =
        assertThrows(UnrecoverableKeyException.class, () -> keys.getKey(alias, PASSWORD));
    assertRefused(e, alias);
    assertInstanceOf(KeyStateException.class, e.getCause());
  }

  @Nested
  class Loading {
    @Test
    @Conformance("C-45")
    void nullAndAnyPasswordLoadTheDefaultProject() throws Exception {
      create("orders");
      for (KeyStore.LoadStoreParameter parameter :
          new KeyStore.LoadStoreParameter[] {
            null, () -> new KeyStore.PasswordProtection(PASSWORD)
          }) {
        keys.load(parameter);
        assertEquals(List.of("orders"), Collections.list(keys.aliases()));
      }
      keys.load(null, PASSWORD);
      assertEquals(List.of("orders"), Collections.list(keys.aliases()));
    }

    @Test
    @Conformance("C-45")
    void parameterNamesAProjectAndNoOtherIsSeen() throws Exception {
      UUID here = create("orders").id();
      UUID there =
          kms.keyring
              .create(NewKeySpec.of("orders", KeyAlgorithm.AES_256_GCM).inProject("shop"))
              .id();

      keys.load(new ProjectParameter("shop"));

      assertEquals(1, keys.size());
      assertEquals(KmsKey.of(there), keys.getKey("orders", null));
      assertTrue(keys.containsAlias(there.toString()));
      assertFalse(keys.containsAlias(here.toString()));
      keys.setKeyEntry("mine", secret("AES", 32), null, null);
      assertEquals("shop", kms.keyring.findByName("shop", "mine").orElseThrow().project());
      keys.load(null, null);
      assertEquals(KmsKey.of(here), keys.getKey("orders", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb"})
    void badProjectIsRefused(String project) {
      assertRefused(
          assertThrows(IllegalArgumentException.class, () -> new ProjectParameter(project)),
          "project");
    }

    @Test
    @Conformance("C-45")
    void streamsAreRefusedAndWithoutThemThereIsNothingToStore() throws Exception {
      assertRefused(
          assertThrows(
              IOException.class, () -> keys.load(new ByteArrayInputStream(new byte[9]), PASSWORD)),
          "null stream");
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      assertRefused(
          assertThrows(IOException.class, () -> keys.store(out, PASSWORD)), "not written");

      assertEquals(0, out.size());
      keys.store(null, null);
      keys.store(null);
    }

    @Test
    void builderOfTheJdkTakesIt() throws Exception {
      UUID id = create("orders").id();
      KeyStore.Builder builder =
          KeyStore.Builder.newInstance(
              "KMS", kms.provider, new KeyStore.PasswordProtection(PASSWORD));

      assertEquals(KmsKey.of(id), builder.getKeyStore().getKey("orders", null));
      assertThrows(
          KeyStoreException.class, () -> KeyStore.getInstance("KMS", kms.provider).aliases());
    }
  }

  @Nested
  class LookingUp {
    @Test
    @Conformance("C-45")
    void nameAndKeyIdGiveTheHandleThatSeals() throws Exception {
      KeyMetadata key = create("orders");
      String id = key.id().toString();

      for (String alias : List.of("orders", id, id.toUpperCase(Locale.ROOT))) {
        KmsKey handle = assertInstanceOf(KmsKey.class, keys.getKey(alias, PASSWORD));
        assertArrayEquals(new byte[3], kms.open(handle, kms.seal(handle, new byte[3])));
        assertTrue(keys.containsAlias(alias));
        assertTrue(keys.isKeyEntry(alias));
        assertEquals(Date.from(key.createdAt()), keys.getCreationDate(alias));
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ORDERS", " orders", "1-1-1-1-1", "%", "orders%", "\0"})
    @Conformance("C-45")
    void unknownAliasIsAbsentEverywhere(String alias) throws Exception {
      create("orders");

      assertNull(keys.getKey(alias, null));
      assertNull(keys.getEntry(alias, null));
      assertNull(keys.getCreationDate(alias));
      assertFalse(keys.containsAlias(alias));
      assertFalse(keys.isKeyEntry(alias));
      assertFalse(keys.entryInstanceOf(alias, KeyStore.SecretKeyEntry.class));
      assertRefused(
          assertThrows(KeyStoreException.class, () -> keys.deleteEntry(alias)),
          "'" + alias + "'",
          KeyMetadata.DEFAULT_PROJECT);
    }

    @Test
    void nullAliasIsRefusedByName() {
      assertRefused(
          assertThrows(NullPointerException.class, () -> keys.getKey(null, null)), "alias");
      assertThrows(NullPointerException.class, () -> keys.containsAlias(null));
      assertThrows(NullPointerException.class, () -> keys.deleteEntry(null));
      assertThrows(
          NullPointerException.class, () -> keys.setKeyEntry(null, secret("AES", 32), null, null));
    }

    @Test
    @Conformance("C-45")
    void nameWinsOverAKeyIdSoThatEveryAliasListedIsItsOwn() throws Exception {
      UUID first = create("orders").id();
      UUID second = create(first.toString()).id();

      assertEquals(KmsKey.of(second), keys.getKey(first.toString(), null));
    }

    @Test
    @Conformance("C-45")
    void entryIsASecretKeyEntryOfTheHandle() throws Exception {
      KmsKey key = KmsKey.of(create("orders").id());

      for (KeyStore.ProtectionParameter protection :
          new KeyStore.ProtectionParameter[] {null, new KeyStore.PasswordProtection(PASSWORD)}) {
        KeyStore.Entry entry = keys.getEntry("orders", protection);
        assertEquals(key, assertInstanceOf(KeyStore.SecretKeyEntry.class, entry).getSecretKey());
      }
      assertTrue(keys.entryInstanceOf("orders", KeyStore.SecretKeyEntry.class));
      assertFalse(keys.entryInstanceOf("orders", KeyStore.PrivateKeyEntry.class));
      assertFalse(keys.entryInstanceOf("orders", KeyStore.TrustedCertificateEntry.class));
    }

    @Test
    @Conformance("C-45")
    void certificateQueriesFindNothing() throws Exception {
      create("orders");

      assertNull(keys.getCertificate("orders"));
      assertNull(keys.getCertificateChain("orders"));
      assertFalse(keys.isCertificateEntry("orders"));
      assertNull(keys.getCertificateAlias(new NoCertificate()));
    }

    @Test
    @Conformance("C-45")
    void sizeAndAliasesSpanPages() throws Exception {
      assertEquals(0, keys.size());
      assertFalse(keys.aliases().hasMoreElements());
      KeyMetadata one = create("0");
      for (int i = 1; i <= 10_001; i++) {
        KeyMetadata key =
            new KeyMetadata(
                new UUID(7, i),
                one.project(),
                "k" + i,
                "",
                one.algorithm(),
                one.state(),
                false,
                1,
                one.createdAt(),
                one.updatedAt());
        store.forge(new StoredKey(key, store.find(one.id()).orElseThrow().versions()));
      }

      List<String> aliases = Collections.list(keys.aliases());

      assertEquals(10_002, keys.size());
      assertEquals(10_002, aliases.size());
      Set<String> wanted = new HashSet<>(Set.of("0"));
      IntStream.rangeClosed(1, 10_001).forEach(i -> wanted.add("k" + i));
      assertEquals(wanted, new HashSet<>(aliases));
    }

    @Test
    void disabledKeyIsShownAndItsHandleRefused() throws Exception {
      UUID id = create("orders").id();
      kms.keyring.disable(id);

      KmsKey handle = assertInstanceOf(KmsKey.class, keys.getKey("orders", null));

      assertThrows(KeyStateException.class, () -> kms.seal(handle, new byte[1]));
    }

    @Test
    void storeThatIsGoneIsNoAbsentKey() {
      store.cutOff(true);

      assertThrows(StoreException.class, () -> keys.getKey("orders", null));
      assertThrows(StoreException.class, () -> keys.containsAlias("orders"));
      assertThrows(StoreException.class, () -> keys.aliases());
      assertThrows(StoreException.class, () -> keys.size());
      store.cutOff(false);
    }
  }
}
