package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;

class PendingRevocationsTest {
  private static final long UNKNOWN = PendingRevocations.UNKNOWN;
  private static final Logger LOG = Logger.getLogger(PendingRevocations.class.getName());

  private final MemoryStore store = new MemoryStore();
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 7);
  private final AtomicInteger asked = new AtomicInteger();
  private final UUID node = UUID.randomUUID();
  private final PendingRevocations pending =
      new PendingRevocations(new Census(store, clock::get), clock::get);
  private final KeyMetadata key = key();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          told.add(record.getLevel() + " " + new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private static KeyMetadata key() {
    Instant now = Instant.EPOCH;
    KeyAlgorithm algorithm = KeyAlgorithm.AES_256_GCM;
    UUID id = UUID.randomUUID();
    return new KeyMetadata(id, "p", "n", "", algorithm, KeyState.ENABLED, false, 1, now, now);
  }

  @BeforeEach
  void join() {
    store.join(node, 7, Duration.ofHours(1));
    LOG.addHandler(listener);
  }

  @AfterEach
  void stop() {
    LOG.removeHandler(listener);
  }

  private long ownEpoch() {
    asked.incrementAndGet();
    return 9;
  }

  /** After every pause. */
  private void tend() {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
    pending.tend(this::ownEpoch);
  }

  private List<UUID> keys() {
    return pending.list().stream().map(one -> one.key().id()).toList();
  }

  @Test
  void namesKeysInTheOrderOfTheirLastRevocationsAndWhomTheyWaitFor() {
    KeyMetadata other = key();
    pending.add(key, UNKNOWN);
    pending.add(key, 8);
    pending.add(other, UNKNOWN);
    pending.add(other, 9);
    store.renew(node, 7);
    pending.look();
    assertEquals(List.of(key.id(), other.id()), keys());

    pending.add(key, UNKNOWN);
    pending.add(key, 10);

    assertEquals(List.of(other.id(), key.id()), keys());
    assertEquals(new Revocation(other, false, Set.of(node)), pending.list().get(0));
  }

  @Test
  void goesWhenAllHaveConfirmedItsLastEpochAndNotBefore() {
    pending.add(key, UNKNOWN);
    pending.add(key, 9);
    pending.add(key, 8);
    store.renew(node, 8);
    tend();
    assertEquals(List.of(key.id()), keys());

    store.renew(node, 9);
    tend();

    assertTrue(pending.isEmpty());
    assertEquals(List.of(), pending.list());
  }

  @Test
  void nodesThatWereSeenForAnotherAreNotNamed() {
    pending.add(key, UNKNOWN);
    store.renew(node, UNKNOWN);
    pending.look();
    assertTrue(pending.isEmpty());

    pending.add(key, UNKNOWN);

    assertEquals(Set.of(), pending.list().get(0).awaited());
  }

  @Test
  void epochThatWasNotKnownIsAskedFor() {
    pending.add(key, UNKNOWN);
    store.renew(node, 8);
    tend();
    assertEquals(1, asked.get());
    assertEquals(List.of(key.id()), keys());

    store.renew(node, 9);
    tend();

    assertEquals(1, asked.get());
    assertTrue(pending.isEmpty());
  }

  @Test
  void storeThatFailsIsAskedAgain() {
    pending.add(key, UNKNOWN);
    store.cutOff(true);
    tend();
    assertEquals(List.of(key.id()), keys());

    store.cutOff(false);
    store.renew(node, 9);
    tend();

    assertTrue(pending.isEmpty());
  }

  @Test
  void isLookedAtLessAndLessOftenUpToOnceASecond() {
    AtomicInteger looks = new AtomicInteger();
    pending.add(key, UNKNOWN);
    for (int i = 0; i < 1_000; i++) {
      clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
      pending.tend(
          () -> {
            looks.incrementAndGet();
            throw new StoreException("away");
          });
    }

    // After 100, 300, 700 and 1,500 ms, and then 8 times.
    assertEquals(12, looks.get());
  }

  @Test
  void logSaysWhatIsLeftPendingAndWhenItIsNoMore() {
    pending.add(key, UNKNOWN);
    pending.add(key, 8);
    pending.look();
    assertEquals(List.of(), told);

    pending.leave(new Revocation(key, false, Set.of(node)));
    tend();
    store.renew(node, 8);
    tend();
    tend();

    assertEquals(2, told.size(), told.toString());
    assertTrue(told.get(0).startsWith(Level.WARNING + " key " + key.id()), told.toString());
    assertTrue(told.get(0).endsWith("[" + node + "]"), told.toString());
    assertTrue(told.get(1).startsWith(Level.INFO + " key " + key.id()), told.toString());
  }

  @Test
  void logSaysNothingOfWhatIsConfirmedWhileItsCallerWaits() {
    pending.add(key, UNKNOWN);
    pending.add(key, 8);
    store.renew(node, 8);

    pending.look();
    pending.leave(new Revocation(key, false, Set.of()));

    assertEquals(List.of(), told);
  }

  @Test
  void ofVeryManyTheOldestAreForgotten() {
    List<UUID> all = new ArrayList<>();
    for (int i = 0; i <= PendingRevocations.MOST; i++) {
      KeyMetadata one = key();
      all.add(one.id());
      pending.add(one, UNKNOWN);
    }

    assertEquals(all.subList(1, all.size()), keys());
  }
}
