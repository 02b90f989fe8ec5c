package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EpochWatchTest {
  private final AtomicLong epoch = new AtomicLong(7);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicBoolean gone = new AtomicBoolean();
  private final AtomicInteger changes = new AtomicInteger();

  private EpochWatch watch(CountDownLatch changed) {
    return EpochWatch.start(
        "watch",
        this::epoch,
        () -> {
          if (changes.getAndIncrement() > 0) {
            changed.countDown();
          }
        },
        () -> {});
  }

  private long epoch() {
    asked.incrementAndGet();
    if (gone.get()) {
      throw new StoreException("gone");
    }
    return epoch.get();
  }

  @Test
  void changeElsewhereIsNoticedWithinASecond() throws Exception {
    CountDownLatch changed = new CountDownLatch(1);
    try (EpochWatch watch = watch(changed)) {
      watch.confirm(System.nanoTime());

      epoch.incrementAndGet();

      assertTrue(changed.await(1, TimeUnit.SECONDS), "not within a second");
    }
  }

  @Test
  void unmovedEpochRunsNoAction() {
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      int first = changes.get();
      awaitAsked(asked.get() + 4);

      watch.confirm(System.nanoTime());

      assertEquals(first, changes.get());
    }
  }

  @Test
  void tickRunsAllTheWhile() throws Exception {
    CountDownLatch ticks = new CountDownLatch(3);
    try (EpochWatch watch = EpochWatch.start("watch", () -> 1, () -> {}, ticks::countDown)) {
      watch.confirm(System.nanoTime());

      assertTrue(ticks.await(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void storeThatDoesNotAnswerMakesConfirmFailOnceTheAnswerIsTooOld() {
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      gone.set(true);
      long since = System.nanoTime();

      while (true) {
        long began = System.nanoTime();
        try {
          watch.confirm(System.nanoTime());
        } catch (StoreException e) {
          break;
        }
        assertTrue(
            began - since <= EpochWatch.MAX_STALENESS.toNanos(), "confirmed what was too old");
      }
      assertThrows(StoreException.class, () -> watch.confirm(System.nanoTime()));
      gone.set(false);
      watch.confirm(System.nanoTime());
    }
  }

  @Test
  void changeMadeWhileTheStoreWasAwayIsNoticedByTheFirstAnswer() {
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      gone.set(true);
      while (true) {
        try {
          watch.confirm(System.nanoTime());
        } catch (StoreException e) {
          break;
        }
      }
      int before = changes.get();
      epoch.incrementAndGet();
      gone.set(false);

      watch.confirm(System.nanoTime());

      assertEquals(before + 1, changes.get());
    }
  }

  @Test
  void storeThatIsAwayAtTheStartStopsTheStart() {
    gone.set(true);

    assertThrows(StoreException.class, () -> watch(new CountDownLatch(1)).close());
  }

  @Test
  void closedWatchLeavesNoThread() throws Exception {
    String name = "watch-" + System.nanoTime();
    EpochWatch watch = EpochWatch.start(name, () -> 1, () -> {}, () -> {});

    watch.close();

    assertFalse(
        Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name)));
  }

  private void awaitAsked(int count) {
    while (asked.get() < count) {
      Thread.onSpinWait();
    }
  }
}
