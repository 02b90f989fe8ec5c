package org.kms4j.store;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Notices that another process has changed the store.
 *
 * <p>A thread asks for the epoch every {@link #INTERVAL} and runs the given action when it has
 * moved. {@link #confirm}, called before every use of something remembered, asks by itself when the
 * last answer is older than {@link #MAX_STALENESS}: a process that was stopped, starved or cut off
 * from its store learns or fails before it acts on what it remembers.
 *
 * <p>Threat: a key revoked elsewhere that goes on serving here. Nothing older than {@link
 * #MAX_STALENESS} is ever acted on.
 *
 * <p>Safe for use by many threads.
 */
public final class EpochWatch implements AutoCloseable {
  static final Duration INTERVAL = Duration.ofMillis(200);

  /** Below the second that is promised, by the time one operation may take. */
  static final Duration MAX_STALENESS = Duration.ofMillis(900);

  private static final long MAX_STALE_NANOS = MAX_STALENESS.toNanos();
  private static final System.Logger LOG = System.getLogger(EpochWatch.class.getName());

  private final LongSupplier epoch;
  private final Runnable onChange;
  private final Runnable onTick;
  private final ReentrantLock asking = new ReentrantLock();
  private final Thread thread;
  private volatile long confirmedAt;

  /** Written by the thread that asks, alone. */
  private volatile int tick;

  private long seen;
  private boolean failing;

  /**
   * Starts watching.
   *
   * @param name of the thread
   * @param epoch asks the store; may throw {@link StoreException}
   * @param onChange drops what is remembered; must be quick
   * @param onTick drops what has grown old; runs every {@link #INTERVAL}, must be quick
   */
  public static EpochWatch start(
      String name, LongSupplier epoch, Runnable onChange, Runnable onTick) {
    EpochWatch watch = new EpochWatch(name, epoch, onChange, onTick);
    watch.ask();
    watch.thread.start();
    return watch;
  }

  private EpochWatch(String name, LongSupplier epoch, Runnable onChange, Runnable onTick) {
    this.epoch = epoch;
    this.onChange = onChange;
    this.onTick = onTick;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /**
   * Returns at once if the last answer is fresh, else asks.
   *
   * @param now {@link System#nanoTime}, which the caller most often needs besides
   * @throws StoreException if the store does not answer
   */
  public void confirm(long now) {
    if (now - confirmedAt > MAX_STALE_NANOS) {
      asking.lock();
      try {
        // Another may have asked while this one waited.
        if (System.nanoTime() - confirmedAt > MAX_STALE_NANOS) {
          ask();
        }
      } finally {
        asking.unlock();
      }
    }
  }

  /**
   * Asks, whenever the last answer was.
   *
   * @throws StoreException if the store does not answer
   */
  public void askNow() {
    asking.lock();
    try {
      ask();
    } finally {
      asking.unlock();
    }
  }

  /**
   * Counts the times that this asked or tried to: who finds it as it was knows, without the price
   * of a clock, that about an {@link #INTERVAL} at most has gone by in a process that runs.
   */
  public int tick() {
    return tick;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(INTERVAL.toMillis());
        tick++;
        poll();
        onTick.run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void poll() {
    asking.lock();
    try {
      ask();
      failing = false;
    } catch (StoreException e) {
      if (!failing) {
        LOG.log(System.Logger.Level.WARNING, "the store does not tell its epoch", e);
      }
      failing = true;
    } finally {
      asking.unlock();
    }
  }

  private void ask() {
    // Taken before the question: the answer is at least as new as this.
    long asked = System.nanoTime();
    long now = epoch.getAsLong();
    if (now != seen) {
      seen = now;
      onChange.run();
    }
    confirmedAt = asked;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
