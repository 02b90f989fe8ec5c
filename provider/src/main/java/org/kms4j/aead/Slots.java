package org.kms4j.aead;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A few idle objects of one kind, so that a thread mostly finds the one that it used last.
 *
 * <p>No lock and no {@link ThreadLocal}: nothing stays behind in a thread of a pool, and ten
 * thousand virtual threads share {@link #COUNT} objects. A thread looks in {@link #PROBES} slots
 * from its own on; who finds none makes a new one, who finds no room on return drops it. An {@link
 * AeadUser} who comes often is kept one that nobody else takes, of {@link #COUNT} more.
 *
 * <p>Safe for use by many threads; what is taken belongs to the taker until it is put back.
 */
final class Slots<T> {
  static final int COUNT = Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4;

  private static final int PROBES = 4;

  /** Slots lie this far apart, so that two threads do not write to one cache line. */
  private static final int STRIDE = 16;

  /** Before the first there is room, too: every access reads the length, which lies there. */
  private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>((COUNT + 2) * STRIDE);

  /** Those of the users who came often; a new one takes the place of the oldest. */
  private final AtomicReferenceArray<T> kept = new AtomicReferenceArray<>(COUNT);

  private final AtomicInteger turn = new AtomicInteger();
  private final Supplier<T> make;

  Slots(Supplier<T> make) {
    this.make = make;
  }

  T take() {
    int home = home();
    for (int i = 0; i < PROBES; i++) {
      T found = slots.getAndSet(place(home + i), null);
      if (found != null) {
        return found;
      }
    }
    return make.get();
  }

  void put(T idle) {
    int home = home();
    for (int i = 0; i < PROBES; i++) {
      if (slots.compareAndSet(place(home + i), null, idle)) {
        return;
      }
    }
  }

  /** The user's own, or else as {@link #take()}. */
  @SuppressWarnings("unchecked") // what a user has of these slots is what they kept
  T take(AeadUser user) {
    T own = (T) user.own(this);
    return own == null ? take() : own;
  }

  /** Puts it back, or keeps it for a user who comes often. */
  void put(AeadUser user, T idle) {
    if (user.hasOwn(this)) {
      return;
    }
    if (user.comesOften(this)) {
      kept.set(turn.getAndIncrement() & (COUNT - 1), idle);
      user.keep(idle);
    } else {
      put(idle);
    }
  }

  void clear() {
    for (int i = 0; i < COUNT; i++) {
      slots.set(place(i), null);
      kept.set(i, null);
    }
  }

  private static int place(int slot) {
    return ((slot & (COUNT - 1)) + 1) * STRIDE;
  }

  /** The same thread, the same slot; threads that were started one after the other, others. */
  private static int home() {
    return (int) Thread.currentThread().getId();
  }
}
