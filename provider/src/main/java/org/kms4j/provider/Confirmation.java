package org.kms4j.provider;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.kms4j.key.KeyMetadata;
import org.kms4j.store.StoreException;

/**
 * Waits until no node of the store acts on what was before a change.
 *
 * <p>That needs nobody's help but the store's: a node that lives confirms within its interval, one
 * that does not loses its lease. Where the store fails meanwhile it is asked again, for the time of
 * one lease: the change is made, and its caller must not take it for refused.
 *
 * <p>Safe for use by many threads.
 */
final class Confirmation {
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(64);

  private final PendingRevocations pending;
  private final LongSupplier ownEpoch;
  private final Duration patience;

  /**
   * @param ownEpoch confirms for this node, and says up to which epoch
   * @param patience with a store that fails
   */
  Confirmation(PendingRevocations pending, LongSupplier ownEpoch, Duration patience) {
    this.pending = pending;
    this.ownEpoch = ownEpoch;
    this.patience = patience;
  }

  /** Of a change that was just made. */
  Revocation of(KeyMetadata key, Duration within) {
    return new Waiting(key, within).toTheEnd();
  }

  /** The state of one caller's waiting. */
  private final class Waiting {
    private final KeyMetadata key;
    private final long began = System.nanoTime();
    private final long nanos;
    private long answeredAt = began;
    private long epoch = PendingRevocations.UNKNOWN;
    private Set<UUID> awaited = Set.of();

    Waiting(KeyMetadata key, Duration within) {
      this.key = key;
      boolean bounded = within.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0;
      this.nanos = bounded ? within.toNanos() : Long.MAX_VALUE;
    }

    Revocation toTheEnd() {
      pending.add(key, epoch);
      for (long pause = FIRST_PAUSE_NANOS; ; pause = Math.min(2 * pause, LAST_PAUSE_NANOS)) {
        if (isOver()) {
          return new Revocation(key, true, Set.of());
        }
        long now = System.nanoTime();
        if (now - began >= nanos
            || now - answeredAt >= patience.toNanos()
            || Thread.currentThread().isInterrupted()) {
          Revocation left = new Revocation(key, false, awaited);
          pending.leave(left);
          return left;
        }
        LockSupport.parkNanos(Math.min(pause, nanos - (now - began)));
      }
    }

    private boolean isOver() {
      try {
        if (epoch == PendingRevocations.UNKNOWN) {
          // Read after the change, and so at least that of the change.
          epoch = ownEpoch.getAsLong();
          pending.add(key, epoch);
        }
        awaited = Census.behind(pending.look(), epoch);
        answeredAt = System.nanoTime();
        return awaited.isEmpty();
      } catch (StoreException e) {
        // Asked again.
        return false;
      }
    }
  }
}
