package org.kms4j.provider;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Engine;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.StoreException;
import org.kms4j.store.StoredKey;

/**
 * A key as one moment of the store had it: what it is, its wrapped versions, and the material of
 * those that were asked for.
 *
 * <p>Two callers that ask for one version cause one unwrap. {@link #destroy} wipes all material;
 * who still holds this then gets {@link DestroyedKeyException} and resolves again.
 *
 * <p>Safe for use by many threads.
 */
final class ResolvedKey {
  private static final long USED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final KeyMetadata metadata;
  private final List<WrappedKey> wrapped;
  private final RootKey rootKey;
  private final SealBudgets budgets;
  private final Engine engine;
  private final AtomicReferenceArray<KeyMaterial> materials;
  private final ReentrantLock unwrapping = new ReentrantLock();
  private final long loadedAt = System.nanoTime();
  private volatile boolean destroyed;

  /** When it was last asked for; a guess is good enough, so it is not volatile. */
  private long usedAt = loadedAt;

  ResolvedKey(StoredKey stored, RootKey rootKey, Engine engine, SealBudgets budgets) {
    this.metadata = stored.metadata();
    this.wrapped = stored.versions();
    this.rootKey = rootKey;
    this.engine = engine;
    this.budgets = budgets;
    this.materials = new AtomicReferenceArray<>(wrapped.size());
    requireWhole();
  }

  private void requireWhole() {
    for (int i = 0; i < wrapped.size(); i++) {
      if (wrapped.get(i).version() != i + 1) {
        throw new StoreException("version " + (i + 1) + " of key " + metadata.id() + " is missing");
      }
    }
    if (wrapped.size() != metadata.primaryVersion()) {
      throw new StoreException(
          "key "
              + metadata.id()
              + " has "
              + wrapped.size()
              + " versions and primary version "
              + metadata.primaryVersion());
    }
  }

  KeyMetadata metadata() {
    return metadata;
  }

  /** The same with the seals that this process has leased since. */
  KeyMetadata counted() {
    return materials.get(wrapped.size() - 1) instanceof KeyMaterial.Sealing primary
            && primary.seals().leased() > metadata.seals()
        ? metadata.withSeals(primary.seals().leased())
        : metadata;
  }

  /** Keeps seals in reserve, if it seals; says whether the store was asked. */
  boolean refill() throws KeyNotFoundException {
    return materials.get(wrapped.size() - 1) instanceof KeyMaterial.Sealing primary
        && primary.seals().refill();
  }

  KeyMaterial primary() {
    return at(wrapped.size() - 1);
  }

  int newest() {
    return wrapped.size();
  }

  boolean hasVersion(int version) {
    return version >= 1 && version <= wrapped.size();
  }

  KeyMaterial version(int version) throws KeyNotFoundException {
    if (!hasVersion(version)) {
      throw new KeyNotFoundException(metadata.id(), version);
    }
    return at(version - 1);
  }

  private KeyMaterial at(int index) {
    KeyMaterial known = materials.get(index);
    return known == null ? unwrap(index) : known;
  }

  private KeyMaterial unwrap(int index) {
    unwrapping.lock();
    try {
      if (destroyed) {
        throw DestroyedKeyException.before();
      }
      KeyMaterial known = materials.get(index);
      if (known != null) {
        return known;
      }
      KeyMaterial fresh = unwrap(wrapped.get(index));
      materials.set(index, fresh);
      return fresh;
    } finally {
      unwrapping.unlock();
    }
  }

  private KeyMaterial unwrap(WrappedKey version) {
    byte[] bytes = unwrapped(version);
    try {
      return KeyMaterial.of(engine, metadata, version, bytes, budgets);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** The material of a version that there is, as it is kept; the caller wipes it. */
  byte[] bytes(int version) {
    return unwrapped(wrapped.get(version - 1));
  }

  private byte[] unwrapped(WrappedKey version) {
    if (!version.rootKeyId().equals(rootKey.id())) {
      throw new RootKeyException(
          version + " wants root key " + version.rootKeyId() + ", given is " + rootKey.id());
    }
    Timing unwrap = Events.unwrap(metadata.id());
    unwrap.about(metadata, version.version());
    try {
      return rootKey.unwrap(version.bytes(), version.aad());
    } finally {
      unwrap.done();
    }
  }

  boolean destroyed() {
    return destroyed;
  }

  /** Whether this is what the cache holds of the key; then it counts as used now. */
  boolean serves(UUID keyId, long now) {
    return keyId.equals(metadata.id()) && serves(now);
  }

  /** The same, for who asks for this key. */
  boolean serves(long now) {
    if (destroyed) {
      return false;
    }
    // Seldom written: a key in use by many threads lies in the caches of many cores.
    if (now - usedAt > USED_NANOS) {
      usedAt = now;
    }
    return true;
  }

  long loadedAt() {
    return loadedAt;
  }

  long usedAt() {
    return usedAt;
  }

  void destroy() {
    unwrapping.lock();
    try {
      destroyed = true;
      for (int i = 0; i < materials.length(); i++) {
        KeyMaterial known = materials.get(i);
        if (known != null) {
          known.destroy();
        }
      }
    } finally {
      unwrapping.unlock();
    }
  }
}
