package org.kms4j.aead;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A few idle objects of one kind, so that a thread mostly finds the one that it used last.
 *
 * <p>No lock and no {@link ThreadLocal}: nothing stays behind in a thread of a pool, and ten
 * thousand virtual threads share {@link #COUNT} objects. Who finds its slot empty makes a new one;
 * who finds it taken on return replaces what is there.
 *
 * <p>Safe for use by many threads; what is taken belongs to the taker until it is put back.
 */
final class Slots<T> {
  private static final int COUNT =
      Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4;

  /** Slots lie this far apart, so that two threads do not write to one cache line. */
  private static final int STRIDE = 16;

  private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>(COUNT * STRIDE);
  private final Supplier<T> make;

  Slots(Supplier<T> make) {
    this.make = make;
  }

  T take() {
    T found = slots.getAndSet(slot(), null);
    return found == null ? make.get() : found;
  }

  void put(T idle) {
    slots.set(slot(), idle);
  }

  void clear() {
    for (int i = 0; i < slots.length(); i += STRIDE) {
      slots.set(i, null);
    }
  }

  private static int slot() {
    return indexOfThread(COUNT) * STRIDE;
  }

  /** Spreads threads over {@code count} places, a power of two; the same thread, the same place. */
  static int indexOfThread(int count) {
    int hash = (int) Thread.currentThread().getId() * 0x9E3779B9;
    return (hash >>> 16) & (count - 1);
  }
}
