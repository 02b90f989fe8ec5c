package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyUsage;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.Node;
import org.kms4j.store.StoreException;

/** A keyring among other nodes, of which one says nothing. */
class KeyringLeaseTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final MemoryStore store = new MemoryStore();
  private final KmsFixture kms = KmsFixture.over(store);
  private final Keyring keyring = kms.keyring;
  private final UUID silent = UUID.randomUUID();
  private final KmsKey key;

  KeyringLeaseTest() throws Exception {
    this.key = kms.key(KeyAlgorithm.AES_256_GCM);
  }

  @AfterEach
  void close() {
    store.cutOff(false);
    kms.close();
  }

  private void join(Duration lease) {
    store.join(silent, store.epoch(), lease);
  }

  private KeyState stored() {
    return store.find(key.keyId()).orElseThrow().metadata().state();
  }

  @Test
  void aloneItWaitsForNobody() throws Exception {
    assertTrue(keyring.rotate(key.keyId(), Duration.ZERO).confirmed());
    assertTrue(keyring.disable(key.keyId(), Duration.ZERO).confirmed());
    assertTrue(keyring.delete(key.keyId(), Duration.ZERO).confirmed());
  }

  @Test
  void whatIsNotConfirmedInTimeIsDoneAndTellsForWhomItWaits() throws Exception {
    join(LONG);

    Revocation rotated = keyring.rotate(key.keyId(), Duration.ZERO);
    Revocation disabled = keyring.disable(key.keyId(), Duration.ofMillis(20));
    assertEquals(KeyState.DISABLED, stored());
    Revocation deleted = keyring.delete(key.keyId(), Duration.ZERO);

    for (Revocation one : List.of(rotated, disabled, deleted)) {
      assertFalse(one.confirmed());
      assertEquals(Set.of(silent), one.awaited());
      StoreException e = assertThrows(StoreException.class, one::whole);
      assertTrue(KmsFixture.message(e).contains(silent.toString()));
    }
    assertEquals(2, rotated.key().primaryVersion());
    assertThrows(KeyNotFoundException.class, () -> keyring.describe(key.keyId()));
  }

  @Test
  void whatTakesNothingAwayWaitsForNobody() throws Exception {
    join(LONG);

    keyring.create("another", KeyAlgorithm.AES_256_GCM);
    keyring.update(key.keyId(), old -> old.withDescription("new"));
    keyring.disable(key.keyId(), Duration.ZERO);
    keyring.enable(key.keyId());

    assertEquals(KeyState.ENABLED, stored());
  }

  @Test
  void keyWhoseSealsAreSpentRotatesWithoutWaiting() throws Exception {
    join(LONG);
    try (KmsFixture limited = KmsFixture.over(store, new SealLimit(3, true))) {
      for (int i = 0; i < 5; i++) {
        limited.seal(key, new byte[1]);
      }

      assertEquals(2, limited.keyring.describe(key.keyId()).primaryVersion());
    }
  }

  @Test
  void whoHasSealedMuchHasSealsInReserveWhenTheStoreGoesAway() throws Exception {
    Pace pace = new Pace(EpochWatch.INTERVAL, NodeLease.LONGEST);
    try (KmsFixture patient = KmsFixture.over(store, pace)) {
      for (int i = 0; i < SealBudget.FIRST_BLOCK * 3 / 4; i++) {
        patient.seal(key, new byte[1]);
      }
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (store.leases() < 2 && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
      store.cutOff(true);

      for (int i = 0; i < SealBudget.FIRST_BLOCK; i++) {
        patient.seal(key, new byte[1]);
      }
    }
  }

  @Test
  void silentNodeIsRemovedWhenItsLeaseHasRunOut() throws Exception {
    join(NodeLease.SHORTEST);
    long began = System.nanoTime();

    keyring.disable(key.keyId());

    assertTrue(System.nanoTime() - began >= NodeLease.SHORTEST.toNanos(), "too early");
    assertFalse(store.nodes().stream().map(Node::id).anyMatch(silent::equals));
  }

  @Test
  void confirmationEndsTheWait() throws Exception {
    join(LONG);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    Future<Revocation> disabling = pool.submit(() -> keyring.disable(key.keyId(), LONG));
    while (stored() == KeyState.ENABLED) {
      Thread.onSpinWait();
    }

    store.renew(silent, store.epoch());

    assertTrue(disabling.get().confirmed());
    pool.shutdown();
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsPendingUntilAllHaveConfirmed() throws Exception {
    join(LONG);
    KmsKey other = kms.key(KeyAlgorithm.AES_256_GCM);
    keyring.rotate(other.keyId(), Duration.ZERO);
    keyring.disable(key.keyId(), Duration.ZERO);
    keyring.delete(other.keyId(), Duration.ZERO);

    List<Revocation> pending = keyring.pending();
    assertEquals(List.of(key.keyId(), other.keyId()), keys(pending));
    for (Revocation one : pending) {
      assertFalse(one.confirmed());
      assertEquals(Set.of(silent), one.awaited());
    }

    store.renew(silent, store.epoch());
    awaitNonePending();
  }

  @Test
  void whatIsWaitedForIsPendingAsWell() throws Exception {
    join(LONG);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    Future<Revocation> disabling = pool.submit(() -> keyring.disable(key.keyId(), LONG));
    while (keyring.pending().isEmpty() || keyring.pending().get(0).awaited().isEmpty()) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(key.keyId()), keys(keyring.pending()));

    store.renew(silent, store.epoch());

    assertTrue(disabling.get().confirmed());
    assertEquals(List.of(), keyring.pending());
    pool.shutdown();
  }

  @Test
  void whatWasLeftWhileTheStoreWasAwayIsPendingUntilItTells() throws Exception {
    join(LONG);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    Future<Revocation> disabling = pool.submit(() -> keyring.disable(key.keyId(), LONG));
    while (keyring.pending().isEmpty()) {
      Thread.onSpinWait();
    }
    store.cutOff(true);
    assertFalse(disabling.get().confirmed());
    assertEquals(List.of(key.keyId()), keys(keyring.pending()));

    store.cutOff(false);
    store.renew(silent, store.epoch());

    awaitNonePending();
    pool.shutdown();
  }

  private static List<UUID> keys(List<Revocation> pending) {
    return pending.stream().map(one -> one.key().id()).toList();
  }

  private void awaitNonePending() {
    long began = System.nanoTime();
    while (!keyring.pending().isEmpty()) {
      assertTrue(System.nanoTime() - began < Duration.ofMinutes(1).toNanos(), "pending for ever");
      Thread.onSpinWait();
    }
  }

  @Test
  void keyringIsTheNodeThatItSays() {
    assertEquals(List.of(keyring.node()), store.nodes().stream().map(Node::id).toList());
  }

  @Test
  void storeThatFailsWhileOneWaitsEndsTheWaitAndNotTheChange() throws Exception {
    join(LONG);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    Future<?> disabling = pool.submit(() -> keyring.disable(key.keyId()));
    while (stored() == KeyState.ENABLED) {
      Thread.onSpinWait();
    }

    store.cutOff(true);

    ExecutionException e = assertThrows(ExecutionException.class, disabling::get);
    StoreException told = assertInstanceOf(StoreException.class, e.getCause());
    assertTrue(KmsFixture.message(told).contains("has changed"), KmsFixture.message(told));
    assertFalse(told.isBusy(), "it must not be taken for something to try again");
    store.cutOff(false);
    assertEquals(KeyState.DISABLED, stored());
    pool.shutdown();
  }

  @Test
  void outageShorterThanTheLeaseIsRiddenThrough() throws Exception {
    kms.keyring.memory().confirmNow();
    byte[] message = kms.seal(key, new byte[1]);
    // What the old rule allowed was 900 ms; a little of the lease is gone already.
    long end = System.nanoTime() + Duration.ofMillis(950).toNanos();

    store.cutOff(true);
    while (System.nanoTime() - end < 0) {
      kms.open(key, message);
    }
  }

  @Test
  void keyringThatWasRemovedForgetsAllAndJoinsAgain() throws Exception {
    ResolvedKey held = keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT);
    Node before = store.nodes().get(0);
    store.leave(before.id());
    // Makes it renew at once.
    keyring.create("another", KeyAlgorithm.AES_256_GCM);

    keyring.memory().confirmNow();

    assertTrue(held.destroyed());
    assertEquals(1, store.nodes().size());
    assertFalse(store.nodes().get(0).id().equals(before.id()));
    kms.seal(key, new byte[1]);
  }

  @Test
  void copyOfAProcessIsANodeOfItsOwnBeforeItActsOnAnything() throws Exception {
    ResolvedKey held = keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT);
    Node before = store.nodes().get(0);
    keyring.reseed();

    kms.seal(key, new byte[1]);

    assertTrue(held.destroyed());
    assertEquals(2, store.nodes().size(), "the other copy may still be the node that it was");
    assertTrue(store.nodes().contains(before));
  }

  @Test
  void copyThatCannotReachItsStoreActsOnNothing() throws Exception {
    kms.seal(key, new byte[1]);
    store.cutOff(true);

    keyring.reseed();

    assertThrows(StoreException.class, () -> kms.seal(key, new byte[1]));
  }

  @Test
  void closedKeyringIsWaitedForByNobody() throws Exception {
    KmsFixture twin = KmsFixture.over(store);
    twin.seal(key, new byte[1]);
    assertEquals(2, store.nodes().size());

    twin.close();

    assertEquals(1, store.nodes().size());
    assertTrue(keyring.disable(key.keyId(), Duration.ZERO).confirmed());
  }
}
