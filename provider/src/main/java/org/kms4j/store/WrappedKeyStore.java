package org.kms4j.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.WrappedKey;

/**
 * Keeps wrapped keys; cannot unwrap them.
 *
 * <p>Every mutation is one transaction, durable before the call returns, and adds one to the {@link
 * #epoch}; {@link #lease} does not move it, nor does what {@linkplain #join nodes} do. Several
 * processes may share one store. What the world does wrong is a {@link StoreException}.
 *
 * <p>Threat: whoever reads all of it learns names and dates, no material; whoever writes to it can
 * destroy keys but not exchange them ({@link WrappedKey}).
 *
 * <p>Implementations are safe for use by many threads, and hold no lock that pins a thread.
 */
public interface WrappedKeyStore extends AutoCloseable {

  /**
   * Records this root key id in a store that has none yet, and returns the one in force: what the
   * caller gave, or what an earlier caller did.
   */
  String claim(String rootKeyId);

  /** The key with all its versions, in one consistent reading. */
  Optional<StoredKey> find(UUID keyId);

  /** The key of this name. */
  Optional<KeyMetadata> findByName(String project, String name);

  /** The keys that the query asks for. */
  KeyPage list(KeyQuery query);

  /** Adds a new key with all its versions. */
  void insert(StoredKey key) throws KeyNameTakenException;

  /** Adds a new key with its first version. */
  default void insert(KeyMetadata metadata, WrappedKey first) throws KeyNameTakenException {
    insert(new StoredKey(metadata, List.of(first)));
  }

  /**
   * Changes name, description, state or time of change, as {@code change} says; every other
   * attribute is left as it was. {@code change} may run more than once and must have no effect.
   *
   * @return the key as it is now
   */
  KeyMetadata update(UUID keyId, UnaryOperator<KeyMetadata> change)
      throws KeyNotFoundException, KeyNameTakenException;

  /**
   * Adds {@code next} and makes it the primary, if the key is there and enabled and its primary is
   * the version before; else changes nothing.
   *
   * @param rotated the key as it shall be
   * @return whether it was so
   */
  boolean rotate(KeyMetadata rotated, WrappedKey next);

  /**
   * Removes the key and all its versions, for good.
   *
   * @return the key as it was
   */
  KeyMetadata delete(UUID keyId) throws KeyNotFoundException;

  /**
   * Adds up to {@code wanted} to the seals leased of a key version, never beyond {@code limit}, in
   * one transaction that is durable before this returns. A lease is never given back.
   *
   * <p>It does not move the {@link #epoch}: it changes nothing that another process acts on from
   * memory.
   *
   * @param wanted at least 1
   * @param limit of all leases of this version together; may be lower than what is leased already
   * @throws KeyNotFoundException if there is no such key or no such version of it
   */
  SealLease lease(UUID keyId, int version, long wanted, long limit) throws KeyNotFoundException;

  /** How many mutations the store has seen, leases not counted; asking is cheap. */
  long epoch();

  /**
   * The keys that the mutations after one epoch and up to another concern; empty if the store does
   * not know that any more, and all keys may be among them.
   */
  default Optional<Set<UUID>> changed(long after, long upTo) {
    return Optional.empty();
  }

  /**
   * From now on until the store is closed, runs {@code wake} soon after a mutation of any process,
   * if the store can tell. A hint, which may come late, for nothing, or never.
   *
   * @param wake must be quick
   */
  default void onChange(Runnable wake) {}

  /**
   * Adds a node that remembers nothing yet. What it reads after this has returned it may act on
   * from memory for the time of its lease, which each {@link #renew} begins anew.
   *
   * <p>A store of one process need not know of nodes.
   *
   * @param node an id that no node ever had
   * @param epoch which it has read before
   */
  default void join(UUID node, long epoch, Duration lease) {}

  /**
   * Begins the node's lease anew.
   *
   * @param confirmed all that changed up to this epoch the node has dropped
   * @return false if there is no such node any more: it was removed, and its lease is over
   */
  default boolean renew(UUID node, long confirmed) {
    return true;
  }

  /** All nodes that have joined and were not removed. */
  default List<Node> nodes() {
    return List.of();
  }

  /**
   * Removes a node unless it has renewed its lease since {@code seen} was read; of the two, one is
   * first, and the other finds out.
   *
   * @return whether it is gone by this
   */
  default boolean remove(Node seen) {
    return false;
  }

  /** Removes a node that acts on nothing any more. */
  default void leave(UUID node) {}

  @Override
  void close();
}
