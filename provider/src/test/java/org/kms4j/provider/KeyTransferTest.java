package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Mac;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;

/** Material that leaves a keyring, and comes into another. */
class KeyTransferTest {
  private static final byte[] TEXT = KmsFixture.text("attack at dawn");

  private KmsFixture from;
  private KmsFixture to;

  @BeforeEach
  void open() {
    from = KmsFixture.open();
    to = KmsFixture.open();
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  private static NewKeySpec exportable(KeyAlgorithm algorithm) {
    return new NewKeySpec(KeyMetadata.DEFAULT_PROJECT, "", "", algorithm, true);
  }

  private UUID create(KeyAlgorithm algorithm) throws Exception {
    UUID keyId = UUID.randomUUID();
    if (algorithm.isKeyPair()) {
      from.keyring.importKey(keyId, exportable(algorithm), KeyPairs.pkcs8(algorithm));
      return keyId;
    }
    return from.keyring.create(exportable(algorithm)).id();
  }

  private void move(UUID keyId) throws Exception {
    KeyMetadata key = from.keyring.describe(keyId);
    byte[] material = from.keyring.export(keyId);
    to.keyring.importKey(keyId, exportable(key.algorithm()), material);
    assertTrue(to.keyring.holds(keyId, material));
  }

  @Nested
  class Export {
    @ParameterizedTest
    @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
    void ofAKeyOpensElsewhereWhatItSealedHere(KeyAlgorithm algorithm) throws Exception {
      UUID keyId = create(algorithm);
      byte[] sealed = from.seal(KmsKey.of(keyId), TEXT);

      move(keyId);

      assertArrayEquals(TEXT, to.open(KmsKey.of(keyId), sealed));
      assertArrayEquals(
          TEXT, from.open(KmsKey.of(keyId), to.seal(KmsKey.of(keyId), TEXT)), "and back");
    }

    @ParameterizedTest
    @EnumSource(names = {"HMAC_SHA_1", "HMAC_SHA_256", "HMAC_SHA_512"})
    void ofAMacKeyGivesTheSameMacs(KeyAlgorithm algorithm) throws Exception {
      UUID keyId = create(algorithm);

      move(keyId);

      assertArrayEquals(mac(from, keyId, algorithm), mac(to, keyId, algorithm));
    }

    private static byte[] mac(KmsFixture kms, UUID keyId, KeyAlgorithm algorithm)
        throws GeneralSecurityException {
      Mac mac = Mac.getInstance(algorithm.standardName(), kms.provider);
      mac.init(KmsKey.of(keyId));
      return mac.doFinal(TEXT);
    }

    @ParameterizedTest
    @EnumSource(
        names = {
          "RSA_4096",
          "ECC_NIST_P256",
          "ECC_NIST_P384",
          "ECC_NIST_P521",
          "ML_DSA_44",
          "ML_DSA_65",
          "ML_DSA_87"
        })
    void ofAPairSignsElsewhereWhatVerifiesHere(KeyAlgorithm algorithm) throws Exception {
      UUID keyId = create(algorithm);

      move(keyId);

      assertEquals(from.keyring.publicKey(keyId), to.keyring.publicKey(keyId));
      String scheme = SignatureScheme.anyOf(algorithm).standardName();
      Signature signer = Signature.getInstance(scheme, to.provider);
      signer.initSign(to.keyring.privateKey(keyId));
      signer.update(TEXT);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(scheme, from.provider);
      verifier.initVerify(from.keyring.publicKey(keyId));
      verifier.update(TEXT);
      assertTrue(verifier.verify(signature));
    }

    @Test
    void givesThePrimaryVersionAlone() throws Exception {
      UUID keyId = create(KeyAlgorithm.AES_256_GCM);
      byte[] old = from.seal(KmsKey.of(keyId), TEXT);
      from.keyring.rotate(keyId);
      byte[] current = from.seal(KmsKey.of(keyId), TEXT);

      move(keyId);

      // It names version 2, and version 1 of the moved key is of that material.
      assertArrayEquals(TEXT, to.open(KmsKey.of(keyId), current));
      assertThrows(AEADBadTagException.class, () -> to.open(KmsKey.of(keyId), old));
    }

    @Test
    void ofARotatedKeyThatIsBoundToItsVersionOpensNothingElsewhere() throws Exception {
      UUID keyId = create(KeyAlgorithm.XAES_256_GCM);
      from.keyring.rotate(keyId);
      byte[] current = from.seal(KmsKey.of(keyId), TEXT);

      move(keyId);

      assertThrows(AEADBadTagException.class, () -> to.open(KmsKey.of(keyId), current));
    }

    @Test
    void ofAKeyThatIsNotExportableIsRefused() throws Exception {
      UUID keyId = from.keyring.create("a", KeyAlgorithm.AES_256_GCM).id();

      KeyNotExportableException e =
          assertThrows(KeyNotExportableException.class, () -> from.keyring.export(keyId));

      assertEquals(keyId, e.keyId());
      assertEquals("key " + keyId + " is not exportable", e.getMessage());
    }

    @Test
    void ofADisabledKeyIsRefusedUntilItIsEnabled() throws Exception {
      UUID keyId = create(KeyAlgorithm.AES_256_GCM);
      from.keyring.disable(keyId);

      assertThrows(KeyStateException.class, () -> from.keyring.export(keyId));

      from.keyring.enable(keyId);
      assertEquals(32, from.keyring.export(keyId).length);
    }

    @Test
    void ofAnUnknownKeyIsRefused() {
      assertThrows(KeyNotFoundException.class, () -> from.keyring.export(UUID.randomUUID()));
    }

    @Test
    void ofAKeyWhoseFlagWasEditedInTheStoreIsRefused() throws Exception {
      KeyMetadata locked = from.keyring.create("a", KeyAlgorithm.AES_256_GCM);
      KeyMetadata edited =
          new KeyMetadata(
              UUID.randomUUID(),
              locked.project(),
              "b",
              "",
              locked.algorithm(),
              locked.state(),
              true,
              1,
              locked.createdAt(),
              locked.updatedAt());
      try (RootKey root = KmsFixture.rootKey()) {
        byte[] wrapped = from.store.find(locked.id()).orElseThrow().versions().get(0).bytes();
        from.store.insert(edited, org.kms4j.key.WrappedKey.of(edited, 1, root.id(), wrapped));
      }

      assertThrows(RootKeyException.class, () -> from.keyring.export(edited.id()));
    }

    @Test
    void handsOutACopyOfItsOwnEachTime() throws Exception {
      UUID keyId = create(KeyAlgorithm.AES_256_GCM);
      byte[] first = from.keyring.export(keyId);
      byte[] sealed = from.seal(KmsKey.of(keyId), TEXT);

      first[0] ^= 1;

      assertFalse(java.util.Arrays.equals(first, from.keyring.export(keyId)));
      assertArrayEquals(TEXT, from.open(KmsKey.of(keyId), sealed));
    }
  }

  @Nested
  class Holds {
    @Test
    void findsMaterialInAnyVersionAndStateAndWithoutPermission() throws Exception {
      byte[] material = KmsFixture.bytes(5, 32);
      UUID keyId = from.imported(KeyAlgorithm.AES_256_GCM, material).keyId();
      from.keyring.rotate(keyId);
      from.keyring.disable(keyId);

      assertTrue(from.keyring.holds(keyId, material));
      assertFalse(from.keyring.holds(keyId, KmsFixture.bytes(6, 32)));
    }

    @Test
    void refusesWhatTheAlgorithmDoesNotTake() throws Exception {
      UUID keyId = create(KeyAlgorithm.AES_256_GCM);

      assertThrows(InvalidKeyException.class, () -> from.keyring.holds(keyId, new byte[16]));
    }

    @Test
    void doesNotMistakeOnePairForAnother() throws Exception {
      UUID keyId = create(KeyAlgorithm.ML_DSA_44);
      UUID other = from.keyring.create(exportable(KeyAlgorithm.ML_DSA_44)).id();

      assertTrue(from.keyring.holds(keyId, KeyPairs.pkcs8(KeyAlgorithm.ML_DSA_44)));
      assertFalse(from.keyring.holds(keyId, from.keyring.export(other)));
    }
  }

  @Nested
  class ImportOfAllVersions {
    private final UUID keyId = UUID.randomUUID();
    private final List<byte[]> versions =
        List.of(KmsFixture.bytes(1, 32), KmsFixture.bytes(2, 32), KmsFixture.bytes(3, 32));

    @ParameterizedTest
    @EnumSource(names = {"AES_256_GCM", "XAES_256_GCM"})
    void opensWhatEachOfThemHasSealed(KeyAlgorithm algorithm) throws Exception {
      List<byte[]> sealed = new ArrayList<>();
      for (int newest = 1; newest <= versions.size(); newest++) {
        try (KmsFixture then = KmsFixture.open()) {
          List<byte[]> known = versions.subList(0, newest);
          then.keyring.importKey(keyId, exportable(algorithm), KeyState.ENABLED, known);
          sealed.add(then.seal(KmsKey.of(keyId), TEXT));
        }
      }

      to.keyring.importKey(keyId, exportable(algorithm), KeyState.ENABLED, versions);

      assertEquals(3, to.keyring.describe(keyId).primaryVersion());
      for (byte[] message : sealed) {
        assertArrayEquals(TEXT, to.open(KmsKey.of(keyId), message));
      }
      for (byte[] material : versions) {
        assertTrue(to.keyring.holds(keyId, material));
      }
    }

    @Test
    void keepsADisabledKeyDisabled() throws Exception {
      NewKeySpec spec = exportable(KeyAlgorithm.AES_256_GCM);

      KeyMetadata made = to.keyring.importKey(keyId, spec, KeyState.DISABLED, versions);

      assertEquals(KeyState.DISABLED, made.state());
      assertThrows(KeyStateException.class, () -> to.seal(KmsKey.of(keyId), TEXT));
    }

    @Test
    void ofWhichOneIsWrongMakesNoKey() {
      List<byte[]> wrong = List.of(versions.get(0), new byte[16]);
      NewKeySpec spec = exportable(KeyAlgorithm.AES_256_GCM);

      assertThrows(
          InvalidKeyException.class,
          () -> to.keyring.importKey(keyId, spec, KeyState.ENABLED, wrong));

      assertThrows(KeyNotFoundException.class, () -> to.keyring.describe(keyId));
    }

    @Test
    void isForKeysThatRotateAlone() {
      NewKeySpec spec = exportable(KeyAlgorithm.HMAC_SHA_256);

      assertThrows(
          InvalidKeyException.class,
          () -> to.keyring.importKey(keyId, spec, KeyState.ENABLED, versions));
      assertThrows(
          IllegalArgumentException.class,
          () -> to.keyring.importKey(keyId, spec, KeyState.ENABLED, List.of()));
    }

    @Test
    void canBeAskedBeforehandWhetherItTakesTheMaterial() throws Exception {
      exportable(KeyAlgorithm.AES_256_GCM).requireMaterial(versions.get(0));
      exportable(KeyAlgorithm.ECC_NIST_P256)
          .requireMaterial(KeyPairs.pkcs8(KeyAlgorithm.ECC_NIST_P256));

      assertThrows(
          InvalidKeyException.class,
          () -> exportable(KeyAlgorithm.AES_128_GCM).requireMaterial(versions.get(0)));
      assertThrows(
          InvalidKeyException.class,
          () -> exportable(KeyAlgorithm.RSA_4096).requireMaterial(versions.get(0)));
    }
  }
}
