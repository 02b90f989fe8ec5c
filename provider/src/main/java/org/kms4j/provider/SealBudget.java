package org.kms4j.provider;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.store.SealLease;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * The seals that this process may make under one key version, leased from the store in blocks.
 *
 * <p>A seal is spent by one atomic step, without a lock and without I/O, until the block is used
 * up; threads that find it used up together cause one lease, or are told of one failure. Before
 * that {@link #refill} fills the block up again, so that a store that goes away finds seals in
 * reserve. A block doubles while it is leased anew within {@link #QUICK_NANOS} and halves when it
 * has lasted longer than {@link #SLOW_NANOS}. It is never more than a {@link #SHARE} of the limit,
 * so that processes do not rotate away what others hold unspent.
 *
 * <p>Threat: more seals under one key than its algorithm allows. A seal is spent before its IV is
 * drawn, and a lease is durable before a seal of it is spent: what a crash loses is at most one
 * block that was not used, never the count of one that was.
 *
 * <p>Safe for use by many threads.
 */
final class SealBudget {
  static final long FIRST_BLOCK = 1L << 13;
  static final long MAX_BLOCK = 1L << 20;
  static final int SHARE = 64;

  /**
   * Half a block, which is always in reserve, lasts about as long as a keyring without its store.
   */
  static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(30);

  static final long SLOW_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** A cache line of 64 bytes on either side, so that neighbours on the heap do not slow it. */
  private static final int COUNTER = 8;

  private static final int PADDED = 17;

  /** A block that is nearly used up, or is small, is not given away ahead, nor filled up. */
  private static final int MIN_AHEAD = 256;

  private final WrappedKeyStore store;
  private final UUID keyId;
  private final int version;
  private final long limit;
  private final LongSupplier nanoTime;
  private final long maxBlock;
  private final ReentrantLock leasing = new ReentrantLock();

  /** What is left of the block, in one of its elements; below zero by those who came too late. */
  private final AtomicLongArray left = new AtomicLongArray(PADDED);

  private volatile long leased;
  private long block;
  private long leasedAt;
  private boolean spent;

  /** The last lease's that failed, and when it did. */
  private @Nullable StoreException failure;

  private long failedAt;

  /**
   * Leases nothing yet.
   *
   * @param limit of the seals of all processes together
   * @param nanoTime as {@link System#nanoTime}
   */
  SealBudget(WrappedKeyStore store, UUID keyId, int version, long limit, LongSupplier nanoTime) {
    this.store = store;
    this.keyId = keyId;
    this.version = version;
    this.limit = limit;
    this.nanoTime = nanoTime;
    this.maxBlock = Math.max(1, Math.min(MAX_BLOCK, limit / SHARE));
  }

  /**
   * Takes one seal.
   *
   * @return false if the version has none left, for good
   * @throws KeyNotFoundException if a lease was due and the version is gone from the store
   */
  boolean spend() throws KeyNotFoundException {
    return take() || leaseAndTake();
  }

  private boolean take() {
    return left.getAndDecrement(COUNTER) > 0;
  }

  /**
   * Takes so many seals at once from the block in use, for one who seals often; those that it does
   * not use count as used.
   *
   * @return false if the block has not so many left; then it took none that can be used
   */
  boolean spendAhead(int seals) {
    return left.get(COUNTER) >= MIN_AHEAD && left.getAndAdd(COUNTER, -seals) >= seals;
  }

  private boolean leaseAndTake() throws KeyNotFoundException {
    long came = nanoTime.getAsLong();
    leasing.lock();
    try {
      // Another may have leased while this one waited, or have tried to.
      if (spent || take()) {
        return !spent;
      }
      if (failure != null && failedAt - came > 0) {
        throw failure.again();
      }
      long next = nextBlock(nanoTime.getAsLong());
      add(Math.max(0, lease(next, next) - 1));
      return !spent;
    } finally {
      leasing.unlock();
    }
  }

  /**
   * Fills the block up again once half of it is gone, so that there is always as much in reserve.
   *
   * @return whether the store was asked
   */
  boolean refill() throws KeyNotFoundException {
    if (!leasing.tryLock()) {
      return false;
    }
    try {
      long next = nextBlock(nanoTime.getAsLong());
      long rest = left.get(COUNTER);
      if (spent || next < MIN_AHEAD || rest <= 0 || rest > Math.min(block, next) / 2) {
        return false;
      }
      add(lease(next, next - rest));
      return true;
    } finally {
      leasing.unlock();
    }
  }

  /** For the holder of the lock; gives how many there are. */
  private long lease(long nextBlock, long wanted) throws KeyNotFoundException {
    SealLease lease;
    try {
      lease = store.lease(keyId, version, wanted, limit);
    } catch (StoreException e) {
      failure = e;
      failedAt = nanoTime.getAsLong();
      throw e;
    }
    block = nextBlock;
    leased = lease.leased();
    leasedAt = nanoTime.getAsLong();
    spent = lease.granted() == 0;
    return lease.granted();
  }

  /** Those who came too late have taken nothing. */
  private void add(long seals) {
    left.accumulateAndGet(COUNTER, seals, (rest, more) -> Math.max(0, rest) + more);
  }

  private long nextBlock(long now) {
    if (block == 0) {
      return Math.min(FIRST_BLOCK, maxBlock);
    }
    long lasted = now - leasedAt;
    if (lasted < QUICK_NANOS) {
      return Math.min(block * 2, maxBlock);
    }
    return lasted > SLOW_NANOS ? Math.max(block / 2, Math.min(FIRST_BLOCK, maxBlock)) : block;
  }

  /** What the store had leased to all processes when this one last asked; 0 before that. */
  long leased() {
    return leased;
  }

  long limit() {
    return limit;
  }
}
