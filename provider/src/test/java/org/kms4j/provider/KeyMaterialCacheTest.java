package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.aead.Engine;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKey;
import org.kms4j.store.StoreException;
import org.kms4j.store.StoredKey;

class KeyMaterialCacheTest {
  private static final UUID ID = new UUID(1, 2);

  private final AtomicLong moved = new AtomicLong();
  private final AtomicInteger loads = new AtomicInteger();
  private final RootKey rootKey = KmsFixture.rootKey();
  private final KeyMaterialCache cache = new KeyMaterialCache();

  @AfterEach
  void close() {
    cache.close();
    rootKey.close();
  }

  private void pass(Duration time) {
    moved.addAndGet(time.toNanos());
  }

  private ResolvedKey load(UUID id) {
    return load(id, rootKey);
  }

  private ResolvedKey load(UUID id, RootKey rootKey) {
    loads.incrementAndGet();
    Instant now = Instant.EPOCH;
    KeyMetadata key =
        new KeyMetadata(
            id, "p", "n", "", KeyAlgorithm.AES_256_GCM, KeyState.ENABLED, false, 1, now, now);
    byte[] wrapped = rootKey.wrap(new byte[32], WrappedKey.aad(key, 1, rootKey.id()));
    WrappedKey version = WrappedKey.of(key, 1, rootKey.id(), wrapped);
    StoredKey stored = new StoredKey(key, List.of(version));
    return new ResolvedKey(stored, rootKey, Engine.sunJce(), KmsFixture.budgets());
  }

  @Test
  void keyIsLoadedOnceAndThenRemembered() throws Exception {
    ResolvedKey first = cache.get(now(), ID, this::load);

    assertSame(first, cache.get(now(), ID, this::load));
    assertEquals(1, loads.get());
    assertEquals(1, cache.size());
  }

  @Test
  @Conformance("C-44")
  void forgottenKeyIsWipedAndReadAgain() throws Exception {
    ResolvedKey first = cache.get(now(), ID, this::load);
    first.primary();

    cache.forget(ID);

    assertTrue(first.destroyed());
    assertEquals(0, cache.size());
    assertNotSame(first, cache.get(now(), ID, this::load));
    assertEquals(2, loads.get());
  }

  @Test
  @Conformance("C-44")
  void keyLeavesByAgeAlsoWhenNobodyAsks() throws Exception {
    ResolvedKey first = cache.get(now(), ID, this::load);

    pass(KeyMaterialCache.MAX_AGE.minusSeconds(30));
    cache.expire(now());
    assertFalse(first.destroyed());
    assertSame(first, cache.get(now(), ID, this::load));
    pass(Duration.ofSeconds(30));
    cache.expire(now());

    assertTrue(first.destroyed());
    assertEquals(0, cache.size());
  }

  @Test
  void keyTooOldServesUntilTheSweep() throws Exception {
    ResolvedKey first = cache.get(now(), ID, this::load);

    pass(KeyMaterialCache.MAX_AGE.multipliedBy(2));

    assertSame(first, cache.get(now(), ID, this::load));
    assertEquals(1, loads.get());
  }

  @Test
  @Conformance("C-44")
  void keysLeaveByNumberThoseUsedLongestAgoFirst() throws Exception {
    List<ResolvedKey> all = new ArrayList<>();
    for (int i = 0; i < KeyMaterialCache.MAX_ENTRIES; i++) {
      all.add(cache.get(now(), new UUID(0, i), this::load));
    }
    assertEquals(KeyMaterialCache.MAX_ENTRIES, cache.size());
    // The time of the last use is kept to a tenth of a second.
    pass(Duration.ofMillis(200));
    cache.get(now(), new UUID(0, 0), this::load);

    cache.get(now(), ID, this::load);

    assertTrue(cache.size() <= KeyMaterialCache.MAX_ENTRIES);
    assertFalse(all.get(0).destroyed(), "it was used last but one");
    assertTrue(all.get(1).destroyed(), "it was used longest ago");
    assertFalse(all.get(KeyMaterialCache.MAX_ENTRIES - 1).destroyed());
    for (ResolvedKey key : all) {
      boolean inside = cache.get(now(), key.metadata().id(), this::load) == key;
      assertEquals(inside, !key.destroyed(), "what left is wiped, what stayed is not");
    }
  }

  @Test
  void manyCallersThatMissOnOneKeyCauseOneLoad() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    List<FutureTask<ResolvedKey>> asking = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      FutureTask<ResolvedKey> task =
          new FutureTask<>(
              () ->
                  cache.get(
                      now(),
                      ID,
                      id -> {
                        await(loading);
                        return load(id);
                      }));
      asking.add(task);
      threads.add(start(task));
    }
    threads.forEach(KeyMaterialCacheTest::awaitParked);

    loading.countDown();

    ResolvedKey key = asking.get(0).get();
    for (FutureTask<ResolvedKey> task : asking) {
      assertSame(key, task.get());
    }
    assertEquals(1, loads.get());
  }

  @Test
  void failureOfTheLoadReachesAllWhoWaitAndIsNotRemembered() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    List<FutureTask<ResolvedKey>> asking = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FutureTask<ResolvedKey> task =
          new FutureTask<>(
              () ->
                  cache.get(
                      now(),
                      ID,
                      id -> {
                        await(loading);
                        throw new KeyNotFoundException(id);
                      }));
      asking.add(task);
      threads.add(start(task));
    }
    threads.forEach(KeyMaterialCacheTest::awaitParked);

    loading.countDown();

    for (FutureTask<ResolvedKey> task : asking) {
      ExecutionException e = assertThrows(ExecutionException.class, task::get);
      KeyNotFoundException cause = assertInstanceOf(KeyNotFoundException.class, e.getCause());
      assertEquals(ID, cause.keyId());
    }
    assertEquals(0, cache.size());
    assertEquals(ID, cache.get(now(), ID, this::load).metadata().id());
  }

  @Test
  void storeThatFailsIsAskedAgainNextTime() throws Exception {
    assertThrows(
        StoreException.class,
        () ->
            cache.get(
                now(),
                ID,
                id -> {
                  throw new StoreException("gone");
                }));

    assertEquals(ID, cache.get(now(), ID, this::load).metadata().id());
  }

  @Test
  void loadThatAChangeOvertakesIsThrownAwayForTheLoaderAndForAllWhoWait() throws Exception {
    for (int round = 0; round < 400; round++) {
      CountDownLatch loading = new CountDownLatch(1);
      CountDownLatch begun = new CountDownLatch(1);
      List<ResolvedKey> stale = new ArrayList<>();
      KeyMaterialCache.Loader slow =
          id -> {
            ResolvedKey read = load(id);
            stale.add(read);
            begun.countDown();
            await(loading);
            return read;
          };
      FutureTask<ResolvedKey> loader =
          new FutureTask<>(
              () -> cache.get(now(), ID, id -> begun.getCount() == 1 ? slow.load(id) : load(id)));
      Thread first = start(loader);
      await(begun);
      List<FutureTask<ResolvedKey>> waiting = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        FutureTask<ResolvedKey> task = new FutureTask<>(() -> cache.get(now(), ID, this::load));
        waiting.add(task);
        awaitParked(start(task));
      }
      awaitParked(first);

      cache.forget(ID);
      loading.countDown();

      assertNotSame(stale.get(0), loader.get(), "the loader, round " + round);
      for (FutureTask<ResolvedKey> task : waiting) {
        assertNotSame(stale.get(0), task.get(), "one who waited, round " + round);
      }
      assertTrue(stale.get(0).destroyed());
      cache.forget(ID);
    }
  }

  @Test
  @Conformance("C-44")
  void keyIsWipedWhenForgetReturnsAlsoIfAnotherForgetsItAtTheSameTime() throws Exception {
    CountDownLatch unwrapping = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    ResolvedKey key = cache.get(now(), ID, id -> load(id, slow(begun, unwrapping)));
    // Who wipes must wait for the unwrap under way: so the first one is in the middle of it.
    Thread unwrap = start(new FutureTask<>(key::primary));
    await(begun);
    Thread first = start(new FutureTask<>(() -> cache.forget(ID), true));
    awaitParked(first);

    FutureTask<Boolean> second =
        new FutureTask<>(
            () -> {
              cache.forget(ID);
              return key.destroyed();
            });
    awaitParked(start(second));
    unwrapping.countDown();

    assertTrue(second.get(), "forget has returned, and the key lives");
    unwrap.join();
    first.join();
  }

  /** The root key, which unwraps only when it may. */
  private RootKey slow(CountDownLatch begun, CountDownLatch go) {
    return new RootKey() {
      @Override
      public String id() {
        return rootKey.id();
      }

      @Override
      public byte[] wrap(byte[] material, byte[] aad) {
        return rootKey.wrap(material, aad);
      }

      @Override
      public byte[] unwrap(byte[] wrapped, byte[] aad) {
        begun.countDown();
        await(go);
        return rootKey.unwrap(wrapped, aad);
      }

      @Override
      public void close() {
        rootKey.close();
      }
    };
  }

  @Test
  @Conformance("C-44")
  void closedCacheIsEmptyWipedAndRefuses() throws Exception {
    ResolvedKey key = cache.get(now(), ID, this::load);

    cache.close();

    assertTrue(key.destroyed());
    assertEquals(0, cache.size());
    assertThrows(IllegalStateException.class, () -> cache.get(now(), ID, this::load));
  }

  private static Thread start(FutureTask<?> task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private long now() {
    return System.nanoTime() + moved.get();
  }
}
