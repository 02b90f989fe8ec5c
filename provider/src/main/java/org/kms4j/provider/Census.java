package org.kms4j.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.kms4j.store.Node;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * Counts the nodes of a store, and removes those whose lease has run out: whom this process has
 * seen with one number of renewals for the time of a whole lease, by its own clock.
 *
 * <p>Threat: a node held for dead that lives. None is removed but by a statement that a renewal
 * would have made void, and a node that was removed cannot renew.
 *
 * <p>Safe for use by many threads.
 */
final class Census {
  private static final System.Logger LOG = System.getLogger(Census.class.getName());

  private final WrappedKeyStore store;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Sighting> sightings = new HashMap<>();
  private long sweptAt;

  private record Sighting(long renewals, long at) {}

  Census(WrappedKeyStore store, LongSupplier nanos) {
    this.store = store;
    this.nanos = nanos;
    this.sweptAt = nanos.getAsLong();
  }

  /**
   * Looks at all nodes if that was not done for so long, so that who wants to know of them later
   * need not wait for one that died long ago. For one thread.
   */
  void sweep(Duration interval) {
    long now = nanos.getAsLong();
    if (now - sweptAt >= interval.toNanos()) {
      sweptAt = now;
      try {
        living();
      } catch (StoreException e) {
        LOG.log(System.Logger.Level.DEBUG, "the nodes are counted the next time", e);
      }
    }
  }

  /** The nodes that may still act on what they remember. */
  List<Node> living() {
    List<Node> living = new ArrayList<>();
    Set<UUID> all = new TreeSet<>();
    for (Node node : store.nodes()) {
      all.add(node.id());
      boolean gone = hasRunOut(node) && store.remove(node);
      if (!gone) {
        living.add(node);
      }
    }
    forgetAllBut(all);
    return living;
  }

  /** Those of them that may do so with what was before this epoch. */
  static Set<UUID> behind(List<Node> living, long epoch) {
    Set<UUID> behind = new TreeSet<>();
    for (Node node : living) {
      if (node.confirmed() < epoch) {
        behind.add(node.id());
      }
    }
    return behind;
  }

  private boolean hasRunOut(Node node) {
    // Read after the row was: what was renewed before that was sent still earlier.
    long now = nanos.getAsLong();
    lock.lock();
    try {
      Sighting known = sightings.get(node.id());
      if (known != null && known.renewals() == node.renewals()) {
        return now - known.at() >= node.lease().toNanos();
      }
      sightings.put(node.id(), new Sighting(node.renewals(), now));
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void forgetAllBut(Set<UUID> nodes) {
    lock.lock();
    try {
      sightings.keySet().retainAll(nodes);
    } finally {
      lock.unlock();
    }
  }
}
