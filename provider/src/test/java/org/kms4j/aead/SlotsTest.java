package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlotsTest {
  @Test
  void threadFindsWhatItPutBack() {
    Slots<Object> slots = new Slots<>(Object::new);
    Object first = slots.take();

    slots.put(first);

    assertSame(first, slots.take());
    assertNotSame(first, slots.take(), "it was taken");
  }

  @Test
  void clearedSlotsAreEmpty() {
    Slots<Object> slots = new Slots<>(Object::new);
    Object first = slots.take();
    slots.put(first);

    slots.clear();

    assertNotSame(first, slots.take());
  }

  @Test
  void nothingIsEverHeldByTwoAtOnce() throws Exception {
    Slots<AtomicInteger> slots = new Slots<>(AtomicInteger::new);
    ExecutorService pool = Executors.newFixedThreadPool(32);
    List<Future<?>> working = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      working.add(
          pool.submit(
              () -> {
                for (int n = 0; n < 20_000; n++) {
                  AtomicInteger holders = slots.take();
                  assertEquals(1, holders.incrementAndGet());
                  assertEquals(0, holders.decrementAndGet());
                  slots.put(holders);
                }
              }));
    }
    for (Future<?> worker : working) {
      assertNull(worker.get());
    }
    pool.shutdown();
  }

  @Test
  void severalThatWereTakenAtOnceAreAllKept() {
    Slots<Object> slots = new Slots<>(Object::new);
    Object first = slots.take();
    Object second = slots.take();

    slots.put(first);
    slots.put(second);

    Set<Object> kept = new HashSet<>();
    kept.add(slots.take());
    kept.add(slots.take());
    assertEquals(Set.of(first, second), kept);
  }

  @Test
  void moreThanItHasRoomForAreDropped() {
    AtomicInteger made = new AtomicInteger();
    Slots<Object> slots =
        new Slots<>(
            () -> {
              made.incrementAndGet();
              return new Object();
            });
    for (int i = 0; i < 1_000; i++) {
      slots.put(new Object());
    }

    for (int i = 0; i < 1_000; i++) {
      slots.take();
    }

    assertTrue(made.get() >= 1_000 - 8, "kept " + (1_000 - made.get()));
  }
}
