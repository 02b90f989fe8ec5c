package org.kms4j.provider;

import java.time.Duration;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * This keyring's place among the nodes of its store: until when it may act on what it remembers.
 *
 * <p>It is renewed when something has changed, after that was dropped from memory, and else when a
 * third of it has gone by. It ends a tenth early by this process's own clock, counted from before
 * the renewing statement was sent; so whoever waits for a whole lease with a clock of its own waits
 * longer. A node that was removed joins as another, and drops all that it remembers.
 *
 * <p>Threat: a node that was stopped or cut off while a key was revoked, and goes on with it. Its
 * clock must run while it stands still, which that of a suspended machine may not.
 *
 * <p>{@link #end} is for one thread at a time, all else for any.
 */
final class NodeLease implements AutoCloseable {
  static final Duration DEFAULT = Duration.ofSeconds(30);
  static final Duration SHORTEST = Duration.ofSeconds(2);
  static final Duration LONGEST = Duration.ofHours(1);

  private static final System.Logger LOG = System.getLogger(NodeLease.class.getName());

  private final WrappedKeyStore store;
  private final Duration lease;
  private final LongSupplier nanos;
  private final Runnable dropAll;
  private volatile boolean closed;
  private volatile boolean copied;
  private volatile UUID node = new UUID(0, 0);
  private boolean joined;
  private long confirmed;
  private long renewedAt;

  /**
   * Asks for nothing yet.
   *
   * @param nanos as {@link System#nanoTime}
   * @param dropAll makes the keyring remember nothing
   */
  NodeLease(WrappedKeyStore store, Duration lease, LongSupplier nanos, Runnable dropAll) {
    if (lease.compareTo(SHORTEST) < 0 || lease.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a lease is from %d to %d seconds, not %s"
              .formatted(SHORTEST.toSeconds(), LONGEST.toSeconds(), lease));
    }
    this.store = store;
    this.lease = lease;
    this.nanos = nanos;
    this.dropAll = dropAll;
  }

  /** As {@link EpochWatch.Term#end}. */
  long end(long asked, long epoch) {
    if (closed) {
      throw new IllegalStateException("the keyring is closed");
    }
    if (copied) {
      copied = false;
      joined = false;
    }
    if (!joined || epoch != confirmed || nanos.getAsLong() - renewedAt >= lease.toNanos() / 3) {
      renew(epoch);
    }
    return renewedAt + lease.toNanos() / 10 * 9;
  }

  private void renew(long epoch) {
    long sent = nanos.getAsLong();
    if (!joined || !store.renew(node, epoch)) {
      joined = false;
      UUID fresh = UUID.randomUUID();
      sent = nanos.getAsLong();
      store.join(fresh, epoch, lease);
      // After it: a change that was acknowledged without waiting for this node was made before it
      // joined, and what is read from here on has it.
      dropAll.run();
      node = fresh;
      joined = true;
    }
    renewedAt = sent;
    confirmed = epoch;
  }

  /** From the next answer on this is another node, since there may be two that were this one. */
  void copied() {
    copied = true;
  }

  Duration lease() {
    return lease;
  }

  /** As which it has joined. */
  UUID node() {
    return node;
  }

  /** To be called when nothing begins any more; others then need not wait for this node. */
  @Override
  public void close() {
    closed = true;
    try {
      store.leave(node);
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "others will wait for the end of this node's lease", e);
    }
  }
}
