package org.kms4j.provider;

import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.store.StoreException;

/**
 * A change that is durable, and how far it has come.
 *
 * @param key as it is now, or was when it was deleted
 * @param confirmed whether every node has dropped what it remembered of the key, or has lost its
 *     lease: none begins an operation with that any more. With a key that is not strict, one that
 *     lost its lease may, until it reaches the store again
 * @param awaited the nodes that may still do so, each until its lease runs out; empty if that is
 *     not known, or if there is none
 */
public record Revocation(KeyMetadata key, boolean confirmed, Set<UUID> awaited) {
  /** Makes the set the record's own. */
  public Revocation {
    awaited = Set.copyOf(awaited);
  }

  /** The key; throws if not all have confirmed. */
  KeyMetadata whole() {
    if (!confirmed) {
      throw new StoreException(text());
    }
    return key;
  }

  /** What is to be said of one that is not confirmed. */
  String text() {
    return "key %s has changed, but it is not known that all nodes have dropped it; waiting for %s"
        .formatted(key.id(), awaited.isEmpty() ? "the store" : new TreeSet<>(awaited));
  }
}
