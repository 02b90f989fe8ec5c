package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class EpochWatchTest {
  private final AtomicLong epoch = new AtomicLong(7);
  private final AtomicLong last = new AtomicLong(7);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicBoolean gone = new AtomicBoolean();
  private final AtomicInteger changes = new AtomicInteger();

  private EpochWatch watch(CountDownLatch changed) {
    return EpochWatch.start(
        "watch",
        this::epoch,
        (after, upTo) -> {
          assertEquals(last.getAndSet(upTo), after);
          changes.incrementAndGet();
          changed.countDown();
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
    try (EpochWatch watch =
        EpochWatch.start("watch", () -> 1, (after, upTo) -> {}, ticks::countDown)) {
      watch.confirm(System.nanoTime());

      assertTrue(ticks.await(10, TimeUnit.SECONDS));
    }
  }

  /** None begins later than this and confirms. */
  private static void confirmUntilItFails(EpochWatch watch, Duration longest) {
    long since = System.nanoTime();
    while (true) {
      long began = System.nanoTime();
      try {
        watch.confirm(System.nanoTime());
      } catch (StoreException e) {
        return;
      }
      assertTrue(began - since <= longest.toNanos(), "confirmed what was too old");
    }
  }

  @Test
  void storeThatDoesNotAnswerMakesConfirmFailOnceTheAnswerIsTooOld() {
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      gone.set(true);
      confirmUntilItFails(watch, EpochWatch.MAX_STALENESS);
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
  void termOfAnAnswerBeginsOnceWhatHasChangedWasDropped() {
    List<String> order = new CopyOnWriteArrayList<>();
    try (EpochWatch watch =
        EpochWatch.start(
            "watch",
            EpochWatch.INTERVAL,
            epoch::get,
            (after, upTo) -> order.add("drop " + upTo),
            () -> {},
            (asked, now) -> {
              order.add("end " + now);
              return asked;
            })) {
      epoch.incrementAndGet();

      assertEquals(8, watch.askNow());

      assertEquals("end 7", order.get(0));
      assertTrue(order.indexOf("drop 8") > 0, order.toString());
      assertTrue(order.indexOf("drop 8") < order.indexOf("end 8"), order.toString());
    }
  }

  @Test
  void termThatHasLapsedMakesTheNextUseAsk() {
    try (EpochWatch watch =
        EpochWatch.start(
            "watch",
            EpochWatch.INTERVAL,
            this::epoch,
            (a, b) -> {},
            () -> {},
            (asked, e) -> asked + (1L << 50))) {
      gone.set(true);
      watch.confirm(System.nanoTime());

      watch.lapse();

      assertThrows(StoreException.class, () -> watch.confirm(System.nanoTime()));
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
    EpochWatch watch = EpochWatch.start(name, () -> 1, (after, upTo) -> {}, () -> {});

    watch.close();

    assertFalse(
        Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name)));
  }

  @Test
  void wokenWatchAsksAtOnce() throws Exception {
    // Many times, since one might have been its time in any case.
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      long began = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        int before = asked.get();
        watch.wake();
        awaitAsked(before + 1);
      }

      long half = 20 * EpochWatch.INTERVAL.toNanos() / 2;
      assertTrue(System.nanoTime() - began < half, "it waited for its time");
    }
  }

  @Test
  void anIntervalBeyondWhatIsAllowedIsRefused() {
    for (long millis : List.of(0L, 9L, 801L)) {
      Duration interval = Duration.ofMillis(millis);
      assertThrows(
          IllegalArgumentException.class,
          () -> EpochWatch.start("watch", interval, () -> 1, (after, upTo) -> {}, () -> {}));
    }
  }

  @Test
  void saysWhetherTheStoreAnsweredAndAsksNothingForIt() {
    try (EpochWatch watch = watch(new CountDownLatch(1))) {
      watch.askNow();
      assertTrue(watch.answered());

      gone.set(true);
      assertThrows(StoreException.class, watch::askNow);
      assertFalse(watch.answered());

      int before = asked.get();
      long began = System.nanoTime();
      for (int i = 0; i < 1_000_000; i++) {
        assertFalse(watch.answered());
      }
      long polls = 2 + (System.nanoTime() - began) / EpochWatch.INTERVAL.toNanos();
      assertTrue(asked.get() - before <= polls, "it asked");

      gone.set(false);
      watch.askNow();
      assertTrue(watch.answered());
    }
  }

  @Test
  void aQuestionThatHangsIsNoAnswer() {
    CountDownLatch over = new CountDownLatch(1);
    LongSupplier hanging =
        () -> {
          if (gone.get()) {
            await(over);
          }
          return 1;
        };
    try (EpochWatch watch = EpochWatch.start("watch", hanging, (after, upTo) -> {}, () -> {})) {
      gone.set(true);
      long began = System.nanoTime();
      while (watch.answered()) {
        assertTrue(System.nanoTime() - began < TimeUnit.MINUTES.toNanos(1), "it hangs as well");
        Thread.onSpinWait();
      }

      gone.set(false);
      over.countDown();
      while (!watch.answered()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void changeThatCannotBeFollowedIsFollowedBeforeAnythingIsConfirmed() {
    AtomicBoolean refuses = new AtomicBoolean(true);
    AtomicInteger followed = new AtomicInteger();
    EpochWatch.Change change =
        (after, upTo) -> {
          if (refuses.get()) {
            throw new StoreException("not now");
          }
          followed.incrementAndGet();
        };
    try (EpochWatch watch = EpochWatch.start("watch", epoch::get, change, () -> {})) {
      epoch.incrementAndGet();

      assertThrows(StoreException.class, watch::askNow);
      refuses.set(false);
      watch.askNow();

      assertEquals(1, followed.get());
    }
  }

  @Test
  void whileOneWaitsForAStoreThatIsAwayTheOthersAreToldSoAtOnce() {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    // Fails at once the first time, then only when it is over.
    LongSupplier away =
        () -> {
          if (!gone.get()) {
            return 1;
          }
          if (waiting.incrementAndGet() > 1) {
            await(over);
          }
          throw new StoreException("gone");
        };
    try (EpochWatch watch = EpochWatch.start("watch", away, (after, upTo) -> {}, () -> {})) {
      gone.set(true);
      while (waiting.get() < 2) {
        Thread.onSpinWait();
      }

      long began = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        StoreException e = assertThrows(StoreException.class, watch::askNow);
        assertEquals("gone", e.getMessage());
      }

      assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(10), "each waited");
      over.countDown();
    }
  }

  private record NoTimeBut(Duration grace) implements EpochWatch.Term {
    @Override
    public long end(long asked, long epoch) {
      return asked;
    }
  }

  /** One whose answers hold for no time but this grace. */
  private EpochWatch watch(Duration grace, Runnable onTick) {
    return EpochWatch.start(
        "watch",
        EpochWatch.INTERVAL,
        this::epoch,
        (after, upTo) -> changes.incrementAndGet(),
        onTick,
        new NoTimeBut(grace));
  }

  @Test
  void storeThatFailsIsBorneWithUntilTheGraceIsOver() {
    Duration grace = Duration.ofMillis(1_500);
    try (EpochWatch watch =
        EpochWatch.start(
            "watch",
            EpochWatch.INTERVAL,
            this::epoch,
            (a, b) -> {},
            () -> {},
            EpochWatch.bearing(grace))) {
      long before = System.nanoTime();
      watch.askNow();
      gone.set(true);
      confirmUntilItFails(watch, grace);

      assertTrue(System.nanoTime() - before >= grace.toNanos(), "it failed within the grace");
      assertThrows(StoreException.class, () -> watch.confirm(System.nanoTime()));
      gone.set(false);
      watch.confirm(System.nanoTime());
    }
  }

  @Test
  void withinTheGraceNoCallerAsksWhileTheStoreIsKnownToFail() {
    try (EpochWatch watch = watch(Duration.ofHours(1), () -> {})) {
      gone.set(true);
      assertThrows(StoreException.class, watch::askNow);

      int before = asked.get();
      long began = System.nanoTime();
      for (int i = 0; i < 100_000; i++) {
        watch.confirm(System.nanoTime());
      }
      // Twice as many as the thread asks: one that starves lets a failure grow old.
      long polls = 2 + 2 * (System.nanoTime() - began) / EpochWatch.INTERVAL.toNanos();
      assertTrue(asked.get() - before <= polls, "callers asked");
    }
  }

  @Test
  void withinTheGraceAStoreThatAnswersIsAskedAndFollowed() {
    try (EpochWatch watch = watch(Duration.ofHours(1), () -> {})) {
      gone.set(true);
      assertThrows(StoreException.class, watch::askNow);
      epoch.incrementAndGet();
      gone.set(false);
      watch.askNow();
      assertEquals(1, changes.get());

      int before = asked.get();
      for (int i = 0; i < 1_000; i++) {
        watch.confirm(System.nanoTime());
      }

      assertTrue(asked.get() - before >= 1_000, "its answers hold for no time");
    }
  }

  @Test
  void whoWasStoppedWhileTheStoreFailedAsksBeforeItActs() {
    CountDownLatch over = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    Runnable onTick =
        () -> {
          if (gone.get()) {
            stopped.set(true);
            await(over);
          }
        };
    try (EpochWatch watch = watch(Duration.ofHours(1), onTick)) {
      gone.set(true);
      while (!stopped.get()) {
        Thread.onSpinWait();
      }
      long failed = System.nanoTime();
      epoch.incrementAndGet();
      gone.set(false);

      while (changes.get() == 0) {
        long began = System.nanoTime();
        watch.confirm(began);
        assertTrue(
            changes.get() > 0 || began - failed <= EpochWatch.MAX_STALENESS.toNanos(),
            "it acts on an old failure");
      }
      over.countDown();
    }
  }

  @Test
  void withinTheGraceNobodyWaitsForAStoreThatIsKnownToHang() {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    LongSupplier hanging =
        () -> {
          if (gone.get() && waiting.incrementAndGet() > 1) {
            await(over);
          }
          return epoch();
        };
    try (EpochWatch watch =
        EpochWatch.start(
            "watch",
            EpochWatch.INTERVAL,
            hanging,
            (after, upTo) -> {},
            () -> {},
            new NoTimeBut(Duration.ofHours(1)))) {
      gone.set(true);
      while (waiting.get() < 2) {
        Thread.onSpinWait();
      }
      long hung = System.nanoTime();
      while (System.nanoTime() - hung <= EpochWatch.MAX_STALENESS.toNanos()) {
        watch.confirm(System.nanoTime());
      }

      long began = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        watch.confirm(System.nanoTime());
      }

      assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(10), "each waited a little");
      over.countDown();
    }
  }

  @Test
  void whatHasLapsedHasNoGrace() {
    try (EpochWatch watch = watch(Duration.ofHours(1), () -> {})) {
      gone.set(true);
      assertThrows(StoreException.class, watch::askNow);
      watch.confirm(System.nanoTime());

      watch.lapse();

      assertThrows(StoreException.class, () -> watch.confirm(System.nanoTime()));
    }
  }

  private static void await(CountDownLatch over) {
    try {
      assertTrue(over.await(1, TimeUnit.MINUTES));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitAsked(int count) {
    while (asked.get() < count) {
      Thread.onSpinWait();
    }
  }
}
