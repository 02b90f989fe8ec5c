package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.StoredKey;

/** One key in two stores, alike or not. */
class KeyComparisonTest {
  private final KmsFixture from = KmsFixture.open();
  private final KmsFixture to = KmsFixture.open();

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  private UUID create(KeyAlgorithm algorithm) throws Exception {
    NewKeySpec spec = NewKeySpec.of("a", algorithm);
    if (algorithm.isKeyPair()) {
      return from.keyring.importKey(UUID.randomUUID(), spec, KeyPairs.pkcs8(algorithm)).id();
    }
    return from.keyring.create(spec).id();
  }

  private StoredKey stored(UUID keyId) {
    return from.store.find(keyId).orElseThrow();
  }

  private boolean agree(UUID keyId) throws Exception {
    return to.keyring.agrees(from.store, keyId);
  }

  @ParameterizedTest
  @EnumSource(KeyAlgorithm.class)
  void aKeyOfEveryAlgorithmAgreesWithItsCopyAndCountsNoSeal(KeyAlgorithm algorithm)
      throws Exception {
    assumeTrue(SigningEngine.hasMlDsa() || !SignatureScheme.ML_DSA.isFor(algorithm));
    UUID keyId = create(algorithm);
    to.store.insert(stored(keyId));

    assertTrue(agree(keyId));

    assertEquals(0, stored(keyId).metadata().seals());
    assertEquals(0, to.store.find(keyId).orElseThrow().metadata().seals());
  }

  @Test
  void allVersionsAreCompared() throws Exception {
    UUID keyId = create(KeyAlgorithm.AES_256_GCM);
    from.keyring.rotate(keyId);
    to.store.insert(stored(keyId));
    assertTrue(agree(keyId));

    from.keyring.rotate(keyId);

    assertFalse(agree(keyId));
  }

  @Test
  void aKeyThatIsDisabledThereDiffers() throws Exception {
    UUID keyId = create(KeyAlgorithm.AES_256_GCM);
    to.store.insert(stored(keyId));

    to.keyring.disable(keyId);

    assertFalse(agree(keyId));
  }

  @Test
  void aKeyThatIsNotStrictThereDiffers() throws Exception {
    UUID keyId = create(KeyAlgorithm.AES_256_GCM);
    NewKeySpec spec = NewKeySpec.of("a", KeyAlgorithm.AES_256_GCM);
    byte[] material = new byte[32];
    from.keyring.delete(keyId);
    from.keyring.importKey(keyId, spec, material);
    to.keyring.importKey(keyId, spec.withStrict(false), material);

    assertFalse(agree(keyId));
  }

  @Test
  void otherMaterialUnderTheSameIdDiffers() throws Exception {
    UUID keyId = create(KeyAlgorithm.AES_256_GCM);
    KeyMetadata key = stored(keyId).metadata();
    to.keyring.importKey(keyId, NewKeySpec.of("a", key.algorithm()), new byte[32]);
    List<WrappedKey> other = to.store.find(keyId).orElseThrow().versions();
    to.store.delete(keyId);
    to.store.insert(new StoredKey(key, other));

    assertFalse(agree(keyId));
  }

  @Test
  void aWrapThatWasChangedDoesNotOpen() throws Exception {
    UUID keyId = create(KeyAlgorithm.AES_256_GCM);
    StoredKey key = stored(keyId);
    WrappedKey good = key.versions().get(0);
    byte[] bytes = good.bytes();
    bytes[bytes.length - 1] ^= 1;
    WrappedKey bad = WrappedKey.of(key.metadata(), 1, good.rootKeyId(), bytes);
    to.store.insert(new StoredKey(key.metadata(), List.of(bad)));

    assertThrows(RootKeyException.class, () -> agree(keyId));
  }

  @Test
  void aKeyThatIsInOneStoreAloneIsNotFound() throws Exception {
    UUID keyId = create(KeyAlgorithm.HMAC_SHA_256);

    assertThrows(KeyNotFoundException.class, () -> agree(keyId));
  }
}
