package org.kms4j.store;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that another process has changed the store.
 *
 * <p>A thread asks for the epoch every so often, and runs the given action when it has moved.
 * {@link #confirm}, called before every use of something remembered, asks by itself when the {@link
 * Term} of the last answer is over, by default {@link #MAX_STALENESS}: a process that was stopped,
 * starved or cut off from its store learns or fails before it acts on what it remembers. {@link
 * #wake} makes the thread ask at once; nothing depends on it.
 *
 * <p>Where the store does not answer, one caller at a time waits for it; the others are told of the
 * failure. Within a grace, where there is one, no caller is: while the store is known to fail, the
 * thread alone asks.
 *
 * <p>Threat: a key revoked elsewhere that goes on serving here. Nothing is acted on after the term
 * of the answer that confirmed it, or its grace where the store fails.
 *
 * <p>Safe for use by many threads.
 */
public final class EpochWatch implements AutoCloseable {
  /** How often the store is asked if nobody wants it otherwise. */
  public static final Duration INTERVAL = Duration.ofMillis(200);

  public static final Duration MIN_INTERVAL = Duration.ofMillis(10);

  /** Below {@link #MAX_STALENESS} by the time an answer may take, so that no caller has to ask. */
  public static final Duration MAX_INTERVAL = Duration.ofMillis(800);

  /** Below the second that is promised, by the time one operation may take. */
  static final Duration MAX_STALENESS = Duration.ofMillis(900);

  private static final long MAX_STALE_NANOS = MAX_STALENESS.toNanos();

  /** How long one waits for another's question to a store that failed the last time. */
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private static final System.Logger LOG = System.getLogger(EpochWatch.class.getName());

  private final Duration interval;
  private final LongSupplier epoch;
  private final Change onChange;
  private final Runnable onTick;
  private final ReentrantLock asking = new ReentrantLock();
  private final Semaphore wakes = new Semaphore(0);
  private final Thread thread;
  private final Term term;
  private volatile long endsAt;
  private volatile long graceEndsAt;
  private volatile long answeredAt;

  /** The last question's, if it had no answer. */
  private volatile @Nullable Failure failure;

  /** Written by the thread that asks, alone. */
  private volatile int tick;

  private long seen;

  /** What is to be done when the epoch has moved. */
  @FunctionalInterface
  public interface Change {
    /** Drops what was remembered of what changed after one epoch and up to another. */
    void between(long after, long upTo);
  }

  /** How long an answer may be acted on. */
  @FunctionalInterface
  public interface Term {
    /**
     * Called after each answer, once all that had changed was dropped.
     *
     * @param asked when the question began, by {@link System#nanoTime}
     * @param epoch the answer
     * @return when it is over, by the same clock
     */
    long end(long asked, long epoch);

    /** How long, from the last answer on, what was confirmed stays so while the store fails. */
    default Duration grace() {
      return Duration.ZERO;
    }
  }

  /**
   * The term of {@link #MAX_STALENESS}, with a grace. What is then done when the epoch has moved
   * must not ask the store: that it failed would be borne with as well.
   */
  public static Term bearing(Duration grace) {
    return new Staleness(grace);
  }

  private record Staleness(Duration grace) implements Term {
    @Override
    public long end(long asked, long epoch) {
      return asked + MAX_STALE_NANOS;
    }
  }

  private record Failure(long at, StoreException cause) {}

  /** {@link #start(String, Duration, LongSupplier, Change, Runnable)} with {@link #INTERVAL}. */
  public static EpochWatch start(
      String name, LongSupplier epoch, Change onChange, Runnable onTick) {
    return start(name, INTERVAL, epoch, onChange, onTick);
  }

  /**
   * Starts watching, with nothing remembered yet.
   *
   * @param name of the thread
   * @param interval from {@link #MIN_INTERVAL} to {@link #MAX_INTERVAL}
   * @param epoch asks the store; may throw {@link StoreException}
   * @param onChange drops what is remembered; must be quick, and may ask the store. If it throws a
   *     {@link StoreException}, it is run again before anything is confirmed
   * @param onTick drops what has grown old; runs every interval, must be quick
   */
  public static EpochWatch start(
      String name, Duration interval, LongSupplier epoch, Change onChange, Runnable onTick) {
    return start(name, interval, epoch, onChange, onTick, bearing(Duration.ZERO));
  }

  /** The same with another term than {@link #MAX_STALENESS}. */
  public static EpochWatch start(
      String name,
      Duration interval,
      LongSupplier epoch,
      Change onChange,
      Runnable onTick,
      Term term) {
    if (interval.compareTo(MIN_INTERVAL) < 0 || interval.compareTo(MAX_INTERVAL) > 0) {
      throw new IllegalArgumentException(
          "an interval of %s, which is not from %s to %s"
              .formatted(interval, MIN_INTERVAL, MAX_INTERVAL));
    }
    EpochWatch watch = new EpochWatch(name, interval, epoch, onChange, onTick, term);
    long asked = System.nanoTime();
    watch.answeredAt = asked;
    watch.seen = epoch.getAsLong();
    watch.hold(asked, watch.seen);
    watch.thread.start();
    return watch;
  }

  private EpochWatch(
      String name,
      Duration interval,
      LongSupplier epoch,
      Change onChange,
      Runnable onTick,
      Term term) {
    this.interval = interval;
    this.term = term;
    this.epoch = epoch;
    this.onChange = onChange;
    this.onTick = onTick;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Whether the last answer still holds at this time; asks nothing. */
  public boolean holds(long now) {
    return now - endsAt <= 0;
  }

  /** Whether the last question had no answer; asks nothing. */
  public boolean failed() {
    return failure != null;
  }

  /**
   * Returns at once if the last answer still holds, else asks.
   *
   * @param now {@link System#nanoTime}, which the caller most often needs besides
   * @throws StoreException if the store does not answer, and there is no grace or it is over
   */
  public void confirm(long now) {
    if (!holds(now)) {
      confirmStale();
    }
  }

  private void confirmStale() {
    long came = System.nanoTime();
    if (isBorneWith(came)) {
      return;
    }
    try {
      askSince(came);
    } catch (StoreException e) {
      if (System.nanoTime() - graceEndsAt >= 0) {
        throw e;
      }
    }
  }

  /**
   * Whether the store has just failed, or did and is being asked. An older failure tells nothing
   * about now to a process that was stopped meanwhile.
   */
  private boolean isBorneWith(long now) {
    Failure last = failure;
    return last != null
        && now - graceEndsAt < 0
        && (now - last.at() <= MAX_STALE_NANOS || asking.isLocked());
  }

  private void askSince(long came) {
    takeTurn();
    try {
      // Another may have asked while this one waited, and got an answer or none.
      if (!holds(System.nanoTime())) {
        Failure last = failure;
        if (last != null && last.at() - came >= 0) {
          throw last.cause().again();
        }
        ask();
      }
    } finally {
      asking.unlock();
    }
  }

  /**
   * Waits until nobody else asks; not for long if the store failed the last time, so that not all
   * wait for a store that is away, one after another.
   */
  private void takeTurn() {
    Failure last = failure;
    if (last == null) {
      asking.lock();
      return;
    }
    try {
      if (asking.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw last.cause().again();
  }

  /**
   * Asks, whenever the last answer was.
   *
   * @return the epoch that is confirmed by that
   * @throws StoreException if the store does not answer
   */
  public long askNow() {
    takeTurn();
    try {
      ask();
      return seen;
    } finally {
      asking.unlock();
    }
  }

  /**
   * Whether the last question had an answer, which is not older than {@link #MAX_STALENESS}. Asks
   * nothing and never waits. While the store is away this turns to false before {@link #confirm}
   * fails, or as it does.
   */
  public boolean answered() {
    return failure == null && System.nanoTime() - answeredAt <= MAX_STALE_NANOS;
  }

  /** Ends term and grace of the last answer: what is used from here on is asked for first. */
  public void lapse() {
    asking.lock();
    try {
      graceEndsAt = System.nanoTime() - 1;
      endsAt = graceEndsAt;
    } finally {
      asking.unlock();
    }
  }

  /** Asks soon, in the watch's own thread. */
  public void wake() {
    wakes.release();
  }

  /**
   * Counts the times that this asked or tried to: who finds it as it was knows, without the price
   * of a clock, that about an interval at most has gone by in a process that runs.
   */
  public int tick() {
    return tick;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        if (wakes.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
          wakes.drainPermits();
        }
        tick++;
        poll();
        onTick.run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void poll() {
    boolean known = failure != null;
    asking.lock();
    try {
      ask();
    } catch (StoreException e) {
      if (!known) {
        LOG.log(System.Logger.Level.WARNING, "the store does not tell its epoch", e);
      }
    } finally {
      asking.unlock();
    }
  }

  private void ask() {
    // Taken before the question: the answer is at least as new as this.
    long asked = System.nanoTime();
    try {
      long now = epoch.getAsLong();
      if (now != seen) {
        onChange.between(seen, now);
        seen = now;
      }
      hold(asked, now);
    } catch (StoreException e) {
      failure = new Failure(System.nanoTime(), e);
      throw e;
    }
    failure = null;
    answeredAt = asked;
  }

  private void hold(long asked, long answer) {
    endsAt = term.end(asked, answer);
    graceEndsAt = asked + term.grace().toNanos();
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
