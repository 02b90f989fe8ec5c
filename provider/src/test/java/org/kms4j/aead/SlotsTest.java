package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
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
  void indexOfAThreadIsWithinAndStable() {
    for (int count = 1; count <= 1_024; count *= 2) {
      int index = Slots.indexOfThread(count);

      assertTrue(index >= 0 && index < count);
      assertEquals(index, Slots.indexOfThread(count));
    }
  }
}
