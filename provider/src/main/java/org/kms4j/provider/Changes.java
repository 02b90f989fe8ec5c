package org.kms4j.provider;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsageException;
import org.kms4j.store.WrappedKeyStore;

/**
 * What is done to a key that is there: made durable, wiped from memory, and, where it takes
 * something from the key, confirmed by all nodes.
 *
 * <p>Safe for use by many threads.
 */
final class Changes {
  private final WrappedKeyStore store;
  private final KeyMaterialCache cache;
  private final Rotation rotation;
  private final Confirmation confirmation;

  Changes(
      WrappedKeyStore store, KeyMaterialCache cache, Rotation rotation, Confirmation confirmation) {
    this.store = store;
    this.cache = cache;
    this.rotation = rotation;
    this.confirmation = confirmation;
  }

  Revocation rotate(UUID keyId, Duration within)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return confirmation.of(rotation.rotate(keyId), within);
  }

  Revocation setState(UUID keyId, KeyState state, Duration within) throws KeyNotFoundException {
    try {
      return update(keyId, key -> key.withState(state), within);
    } catch (KeyNameTakenException e) {
      throw new AssertionError("the name was not changed", e);
    }
  }

  /** Waits for all nodes if the key is disabled by now, by this change or before. */
  Revocation update(UUID keyId, UnaryOperator<KeyMetadata> change, Duration within)
      throws KeyNotFoundException, KeyNameTakenException {
    KeyMetadata now;
    try {
      now = store.update(keyId, key -> checked(change.apply(key)));
    } finally {
      cache.forget(keyId);
    }
    return now.enabled() ? new Revocation(now, true, Set.of()) : confirmation.of(now, within);
  }

  private KeyMetadata checked(KeyMetadata wanted) {
    NewKeySpec.requireName("name", wanted.name());
    NewKeySpec.requireDescription(wanted.description());
    if (wanted.name().isEmpty()) {
      throw new IllegalArgumentException("name is empty");
    }
    return wanted.withUpdatedAt(rotation.now());
  }

  Revocation delete(UUID keyId, Duration within) throws KeyNotFoundException {
    KeyMetadata gone;
    try {
      gone = store.delete(keyId);
    } finally {
      cache.forget(keyId);
    }
    return confirmation.of(gone, within);
  }
}
