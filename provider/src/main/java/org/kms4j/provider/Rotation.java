package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.key.SealLimitException;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKey;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * Gives keys new material: when somebody asks for it, and when a version has sealed as often as it
 * may.
 *
 * <p>Of several rotations that are asked for at once each adds a version; of several threads and
 * processes that find one version spent, one.
 *
 * <p>Threat: new material of which something is left. It is wiped here once it is wrapped.
 *
 * <p>Safe for use by many threads.
 */
final class Rotation {
  /** How often one tries again because another one was faster. */
  private static final int MAX_TRIES = 1_000;

  private static final System.Logger LOG = System.getLogger(Rotation.class.getName());

  private final WrappedKeyStore store;
  private final RootKey rootKey;
  private final Clock clock;
  private final SecureRandom random;
  private final KeyMaterialCache cache;
  private final boolean rotatesSpent;
  private final ReentrantLock rotatingSpent = new ReentrantLock();

  Rotation(
      WrappedKeyStore store,
      RootKey rootKey,
      Clock clock,
      SecureRandom random,
      KeyMaterialCache cache,
      boolean rotatesSpent) {
    this.store = store;
    this.rootKey = rootKey;
    this.clock = clock;
    this.random = random;
    this.cache = cache;
    this.rotatesSpent = rotatesSpent;
  }

  KeyMetadata rotate(UUID keyId) throws KeyNotFoundException, KeyStateException, KeyUsageException {
    for (int i = 0; i < MAX_TRIES; i++) {
      KeyMetadata key = stored(keyId);
      key.requireServing(KeyUsage.ENCRYPT_DECRYPT);
      KeyMetadata next = key.withPrimaryVersion(key.primaryVersion() + 1).withUpdatedAt(now());
      if (tryRotate(next)) {
        return next;
      }
    }
    throw new StoreException("key " + keyId + " was rotated by others all the time");
  }

  /**
   * For who found the version spent.
   *
   * @throws DestroyedKeyException always, unless it throws another: another version has taken its
   *     place, resolve again
   * @throws SealLimitException if no other may take its place
   */
  void spent(KmsKey handle, ResolvedKey key, KeyMaterial.Sealing material)
      throws InvalidKeyException {
    boolean rotates = rotatesSpent && !handle.pinned();
    KeyAlgorithm algorithm = material.algorithm();
    long limit = material.seals().limit();
    Events.sealLimit(handle.keyId(), material.version(), algorithm, limit, rotates);
    if (!rotates) {
      throw new SealLimitException(handle.keyId(), material.version(), limit);
    }
    rotateSpent(key, material.version());
    throw DestroyedKeyException.before();
  }

  /** Once for all who found the version spent: of this process by the lock, else by the store. */
  private void rotateSpent(ResolvedKey key, int spent) throws InvalidKeyException {
    UUID keyId = key.metadata().id();
    rotatingSpent.lock();
    try {
      if (key.destroyed()) {
        return;
      }
      KeyMetadata now = stored(keyId);
      now.requireServing(KeyUsage.ENCRYPT_DECRYPT);
      KeyMetadata next = now.withPrimaryVersion(spent + 1).withUpdatedAt(now());
      if (now.primaryVersion() == spent && tryRotate(next)) {
        LOG.log(
            System.Logger.Level.INFO,
            "key %s was rotated from version %d to %d: the seals of version %d are spent"
                .formatted(keyId, spent, next.primaryVersion(), spent));
      } else {
        cache.forget(keyId);
      }
    } finally {
      rotatingSpent.unlock();
    }
  }

  /** False if it has another primary by now than the version before. */
  private boolean tryRotate(KeyMetadata next) {
    Timing rotation = Events.rotate(next.id());
    byte[] material = NewMaterial.draw(next.algorithm(), random);
    try {
      boolean done = store.rotate(next, wrap(next, next.primaryVersion(), material));
      if (done) {
        rotation.about(next, next.primaryVersion());
        rotation.done();
      }
      return done;
    } finally {
      Arrays.fill(material, (byte) 0);
      cache.forget(next.id());
    }
  }

  private KeyMetadata stored(UUID keyId) throws KeyNotFoundException {
    return store.find(keyId).orElseThrow(() -> new KeyNotFoundException(keyId)).metadata();
  }

  /** The material as the store keeps it, bound to key and version. */
  WrappedKey wrap(KeyMetadata key, int version, byte[] material) {
    byte[] aad = WrappedKey.aad(key, version, rootKey.id());
    return WrappedKey.of(key, version, rootKey.id(), rootKey.wrap(material, aad));
  }

  /** The time of a change, to the millisecond. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
