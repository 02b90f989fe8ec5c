package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.WrappedKey;
import org.kms4j.store.StoredKey;
import org.kms4j.store.WrappedKeyStore;

/**
 * What puts key material into the store and takes it out: new keys, keys that move here, and the
 * one way by which material leaves this package.
 *
 * <p>Threat: material that stays behind. Each copy that is made here is wiped here, but the one
 * that {@link #export} hands to its caller; what is exported does not pass through the cache.
 *
 * <p>Safe for use by many threads.
 */
final class KeyTransfer {
  private final WrappedKeyStore store;
  private final Rotation rotation;
  private final KeyMaterialCache cache;

  KeyTransfer(WrappedKeyStore store, Rotation rotation, KeyMaterialCache cache) {
    this.store = store;
    this.rotation = rotation;
    this.cache = cache;
  }

  /** Makes a key of this material, whatever it is; the caller wipes it. */
  KeyMetadata insert(UUID keyId, NewKeySpec spec, KeyState state, List<byte[]> versions)
      throws KeyNameTakenException {
    Instant now = rotation.now();
    KeyMetadata key =
        new KeyMetadata(
            keyId,
            spec.project(),
            spec.name().isEmpty() ? keyId.toString() : spec.name(),
            spec.description(),
            spec.algorithm(),
            state,
            spec.exportable(),
            spec.strict(),
            versions.size(),
            now,
            now,
            0);
    List<WrappedKey> wrapped = new ArrayList<>();
    for (byte[] material : versions) {
      wrapped.add(rotation.wrap(key, wrapped.size() + 1, material));
    }
    store.insert(new StoredKey(key, wrapped));
    cache.forget(keyId);
    return key;
  }

  /** Makes a key of new random material. */
  KeyMetadata create(NewKeySpec spec, SecureRandom random) throws KeyNameTakenException {
    byte[] material = NewMaterial.draw(spec.algorithm(), random);
    try {
      return insert(UUID.randomUUID(), spec, KeyState.ENABLED, List.of(material));
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  /** Makes a key of material that was made elsewhere, oldest version first. */
  KeyMetadata importKey(UUID keyId, NewKeySpec spec, KeyState state, List<byte[]> versions)
      throws InvalidKeyException, KeyNameTakenException {
    if (versions.isEmpty()) {
      throw new IllegalArgumentException("a key has at least one version");
    }
    if (versions.size() > 1 && spec.algorithm().usage() != KeyUsage.ENCRYPT_DECRYPT) {
      throw new InvalidKeyException("only encrypt-decrypt keys have more than one version");
    }
    List<byte[]> own = new ArrayList<>();
    try {
      for (byte[] material : versions) {
        own.add(NewMaterial.imported(spec.algorithm(), material));
      }
      if (store.find(keyId).isPresent()) {
        throw new InvalidKeyException("there is a key " + keyId + " already");
      }
      return insert(keyId, spec, state, own);
    } finally {
      own.forEach(material -> Arrays.fill(material, (byte) 0));
    }
  }

  /** Whether a version of the key is of this material, in whatever encoding it is given. */
  boolean holds(ResolvedKey key, byte[] material) throws InvalidKeyException {
    byte[] wanted = NewMaterial.imported(key.metadata().algorithm(), material);
    boolean found = false;
    for (int version = 1; version <= key.newest() && !found; version++) {
      byte[] stored = key.bytes(version);
      found = same(key.metadata().algorithm(), wanted, stored);
      Arrays.fill(stored, (byte) 0);
    }
    Arrays.fill(wanted, (byte) 0);
    return found;
  }

  /** A pair is known by its public key: encodings of one private key differ. */
  private static boolean same(KeyAlgorithm algorithm, byte[] one, byte[] other) {
    return algorithm.isKeyPair()
        ? Arrays.equals(KeyPairLayout.publicPart(one), KeyPairLayout.publicPart(other))
        : MessageDigest.isEqual(one, other);
  }

  /** The primary version's material, in the form that {@link #importKey} takes. */
  byte[] export(ResolvedKey key) throws InvalidKeyException {
    KeyMetadata metadata = key.metadata();
    metadata.requireServing(metadata.usage());
    if (!metadata.exportable()) {
      throw new KeyNotExportableException(metadata.id());
    }
    Timing export = Events.export(metadata.id());
    export.about(metadata, metadata.primaryVersion());
    byte[] stored = key.bytes(metadata.primaryVersion());
    export.done();
    if (!metadata.algorithm().isKeyPair()) {
      return stored;
    }
    try {
      return KeyPairLayout.privateDer(stored);
    } finally {
      Arrays.fill(stored, (byte) 0);
    }
  }
}
