package org.kms4j.provider;

import java.util.UUID;
import org.kms4j.aead.Engine;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.StoredKey;
import org.kms4j.store.WrappedKeyStore;

/**
 * Reads keys from a store, to be unwrapped by one root key and to compute with one engine.
 *
 * <p>Safe for use by many threads.
 */
final class KeyLoader {
  private final RootKey rootKey;
  private final Engine engine;
  private final SealBudgets budgets;

  KeyLoader(RootKey rootKey, Engine engine, SealBudgets budgets) {
    this.rootKey = rootKey;
    this.engine = engine;
    this.budgets = budgets;
  }

  static void requireRootKey(String wanted, RootKey given) {
    if (!wanted.equals(given.id())) {
      throw new RootKeyException(
          "the store wants root key " + wanted + ", given is root key " + given.id());
    }
  }

  /** The key as the store has it now; its material is unwrapped when it is asked for. */
  ResolvedKey load(WrappedKeyStore from, UUID keyId) throws KeyNotFoundException {
    StoredKey found = from.find(keyId).orElseThrow(() -> new KeyNotFoundException(keyId));
    return new ResolvedKey(found, rootKey, engine, budgets);
  }

  /** The same of a key that was looked for in memory in vain, which the flight recorder is told. */
  ResolvedKey loadMissed(WrappedKeyStore from, UUID keyId) throws KeyNotFoundException {
    Timing miss = Events.keyMiss(keyId);
    try {
      ResolvedKey found = load(from, keyId);
      miss.about(found.metadata(), found.metadata().primaryVersion());
      return found;
    } finally {
      miss.done();
    }
  }
}
