package org.kms4j.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.kms4j.key.KeyMetadata;
import org.kms4j.store.Node;
import org.kms4j.store.StoreException;

/**
 * The revocations of this keyring that not all nodes have confirmed, whether their callers still
 * wait or not: of each key the last one, and of very many those made last.
 *
 * <p>Who waits looks; what nobody waits for any more is looked after by {@link #tend}. The log says
 * of each such one that it is pending, and when it is no more.
 *
 * <p>Safe for use by many threads.
 */
final class PendingRevocations {
  /** Of a change, as long as the store does not tell: no node has confirmed that. */
  static final long UNKNOWN = Long.MAX_VALUE;

  static final int MOST = 1_024;
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final long LAST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final System.Logger LOG = System.getLogger(PendingRevocations.class.getName());

  private final Census census;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Pending> byKey = new LinkedHashMap<>();
  private List<Node> nodes = List.of();
  private long lookedAt;
  private long pause;

  private record Pending(KeyMetadata key, long epoch, boolean left) {
    Revocation among(List<Node> nodes) {
      return new Revocation(key, false, Census.behind(nodes, epoch));
    }
  }

  /**
   * Nothing is pending yet.
   *
   * @param nanos as {@link System#nanoTime}
   */
  PendingRevocations(Census census, LongSupplier nanos) {
    this.census = census;
    this.nanos = nanos;
  }

  /** As it was when somebody looked last, in the order in which it was made; asks nothing. */
  List<Revocation> list() {
    lock.lock();
    try {
      return byKey.values().stream().map(one -> one.among(nodes)).toList();
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return byKey.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A change that was made, or what is known of it by now.
   *
   * @param epoch its own or a later one; {@link #UNKNOWN} for a new one
   */
  void add(KeyMetadata key, long epoch) {
    lock.lock();
    try {
      if (byKey.isEmpty()) {
        lookedAt = nanos.getAsLong();
        nodes = List.of();
      }
      Pending old = byKey.get(key.id());
      if (old != null && old.epoch() != UNKNOWN && old.epoch() > epoch) {
        return;
      }
      if (epoch == UNKNOWN) {
        byKey.remove(key.id());
        pause = FIRST_PAUSE_NANOS;
      }
      byKey.put(key.id(), new Pending(key, epoch, old != null && old.left()));
      if (byKey.size() > MOST) {
        byKey.remove(byKey.keySet().iterator().next());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Its caller waits no longer, and was told this. */
  void leave(Revocation told) {
    lock.lock();
    try {
      Pending one = byKey.get(told.key().id());
      if (one != null) {
        byKey.put(told.key().id(), new Pending(one.key(), one.epoch(), true));
        LOG.log(System.Logger.Level.WARNING, told::text);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks for the nodes that there are; what all of them have confirmed is pending no more. */
  List<Node> look() {
    List<Node> living = census.living();
    lock.lock();
    try {
      nodes = living;
      for (Iterator<Pending> all = byKey.values().iterator(); all.hasNext(); ) {
        Pending one = all.next();
        if (Census.behind(living, one.epoch()).isEmpty()) {
          all.remove();
          logEnd(one);
        }
      }
      return living;
    } finally {
      lock.unlock();
    }
  }

  private static void logEnd(Pending one) {
    if (one.left()) {
      String text =
          "key {0} has changed, and by now all nodes have dropped it or lost their leases";
      LOG.log(System.Logger.Level.INFO, text, one.key().id());
    }
  }

  /**
   * Looks if something is pending and it is time for that.
   *
   * @param ownEpoch confirms for this node, and says up to which epoch
   */
  void tend(LongSupplier ownEpoch) {
    try {
      if (isDue(nanos.getAsLong())) {
        findEpochs(ownEpoch);
        look();
      }
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.DEBUG, "what is pending is looked at the next time", e);
    }
  }

  private boolean isDue(long now) {
    lock.lock();
    try {
      if (byKey.isEmpty() || now - lookedAt < pause) {
        return false;
      }
      lookedAt = now;
      pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void findEpochs(LongSupplier ownEpoch) {
    List<KeyMetadata> unknown = new ArrayList<>();
    lock.lock();
    try {
      byKey.values().stream()
          .filter(one -> one.epoch() == UNKNOWN)
          .forEach(one -> unknown.add(one.key()));
    } finally {
      lock.unlock();
    }
    if (!unknown.isEmpty()) {
      long epoch = ownEpoch.getAsLong();
      unknown.forEach(key -> add(key, epoch));
    }
  }
}
