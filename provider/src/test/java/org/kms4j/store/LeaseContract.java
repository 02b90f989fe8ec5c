package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;

/** What every {@link WrappedKeyStore} promises of the seals that it leases. */
abstract class LeaseContract {
  private static final long LIMIT = 1_000;

  private WrappedKeyStore store;

  /** A new, empty store. */
  abstract WrappedKeyStore open() throws Exception;

  @BeforeEach
  void openForLeases() throws Exception {
    store = open();
  }

  private static WrappedKey wrapped(KeyMetadata key, int version) {
    return WrappedKey.of(key, version, "root", new byte[40]);
  }

  static KeyMetadata insertInto(WrappedKeyStore store) throws Exception {
    Instant now = Instant.EPOCH;
    KeyMetadata key =
        new KeyMetadata(
            UUID.randomUUID(),
            "p",
            "key " + UUID.randomUUID(),
            "",
            KeyAlgorithm.AES_256_GCM,
            KeyState.ENABLED,
            false,
            1,
            now,
            now);
    store.insert(key, wrapped(key, 1));
    return key;
  }

  private KeyMetadata inserted() throws Exception {
    return insertInto(store);
  }

  private long seals(UUID keyId) {
    return store.find(keyId).orElseThrow().metadata().seals();
  }

  @Test
  void leasesAddUpToTheLimitAndNotBeyond() throws Exception {
    UUID id = inserted().id();

    assertEquals(new SealLease(600, 600), store.lease(id, 1, 600, LIMIT));
    assertEquals(new SealLease(400, 1_000), store.lease(id, 1, 600, LIMIT));
    assertEquals(new SealLease(0, 1_000), store.lease(id, 1, 600, LIMIT));
    assertEquals(new SealLease(1, 1_001), store.lease(id, 1, 600, LIMIT + 1));
  }

  @Test
  void limitThatWasLoweredBelowTheCountGrantsNothingAndTakesNothingBack() throws Exception {
    UUID id = inserted().id();
    store.lease(id, 1, 600, LIMIT);

    assertEquals(new SealLease(0, 600), store.lease(id, 1, 1, 200));

    assertEquals(600, seals(id));
  }

  @Test
  void countHasRoomForEveryLimit() throws Exception {
    UUID id = inserted().id();
    long most = Long.MAX_VALUE;

    assertEquals(new SealLease(most - 5, most - 5), store.lease(id, 1, most - 5, most));
    assertEquals(new SealLease(5, most), store.lease(id, 1, 1L << 40, most));
    assertEquals(new SealLease(0, most), store.lease(id, 1, 1L << 40, most));
  }

  @Test
  void lessThanOneSealIsRefusedAndTakesNothingBack() throws Exception {
    UUID id = inserted().id();
    store.lease(id, 1, 600, LIMIT);

    for (long bad : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> store.lease(id, 1, bad, LIMIT));
    }

    assertEquals(600, seals(id));
  }

  @Test
  void eachVersionHasItsOwnCountAndTheKeyTellsThatOfItsPrimary() throws Exception {
    KeyMetadata key = inserted();
    assertEquals(0, seals(key.id()));
    store.lease(key.id(), 1, 300, LIMIT);
    assertEquals(300, seals(key.id()));

    store.rotate(key.withPrimaryVersion(2), wrapped(key, 2));
    assertEquals(0, seals(key.id()));
    assertEquals(new SealLease(20, 20), store.lease(key.id(), 2, 20, LIMIT));
    assertEquals(new SealLease(700, 1_000), store.lease(key.id(), 1, 999, LIMIT));

    assertEquals(20, seals(key.id()));
    assertEquals(20, store.findByName("p", key.name()).orElseThrow().seals());
    assertEquals(20, store.list(KeyQuery.first("p", 9)).keys().get(0).seals());
    assertEquals(20, store.update(key.id(), old -> old.withDescription("new")).seals());
    assertEquals(20, store.delete(key.id()).seals());
  }

  @Test
  void updateDoesNotChangeTheCount() throws Exception {
    UUID id = inserted().id();
    store.lease(id, 1, 300, LIMIT);

    store.update(id, old -> old.withSeals(7).withState(KeyState.DISABLED));

    assertEquals(300, seals(id));
    assertEquals(new SealLease(5, 305), store.lease(id, 1, 5, LIMIT));
  }

  @Test
  void leaseDoesNotMoveTheEpoch() throws Exception {
    UUID id = inserted().id();
    long before = store.epoch();

    store.lease(id, 1, 300, LIMIT);
    store.lease(id, 1, 900, LIMIT);
    store.lease(id, 1, 1, LIMIT);

    assertEquals(before, store.epoch());
  }

  @Test
  void unknownKeyAndUnknownVersionAreNotFound() throws Exception {
    UUID id = inserted().id();
    UUID nobody = new UUID(0, 0xdead);
    for (int version : new int[] {-1, 0, 2, Integer.MAX_VALUE}) {
      KeyNotFoundException e =
          assertThrows(KeyNotFoundException.class, () -> store.lease(id, version, 1, LIMIT));
      assertEquals(id, e.keyId());
    }
    assertThrows(KeyNotFoundException.class, () -> store.lease(nobody, 1, 1, LIMIT));
    store.delete(id);
    assertThrows(KeyNotFoundException.class, () -> store.lease(id, 1, 1, LIMIT));
  }

  @Test
  @Conformance("C-52")
  void leasesOfManyThreadsNeverAddUpToMoreThanTheLimit() throws Exception {
    UUID id = inserted().id();

    long sum = leaseFromThreads(List.of(store, store, store, store, store, store), id);

    assertEquals(LIMIT, sum);
    assertEquals(LIMIT, seals(id));
  }

  /** One thread on each store leases until nothing is left; the sum of what they got. */
  static long leaseFromThreads(List<WrappedKeyStore> stores, UUID id) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(stores.size());
    List<Future<Long>> leasing = new ArrayList<>();
    for (WrappedKeyStore one : stores) {
      leasing.add(
          pool.submit(
              () -> {
                long mine = 0;
                for (SealLease next = one.lease(id, 1, 7, LIMIT);
                    next.granted() > 0;
                    next = one.lease(id, 1, 7, LIMIT)) {
                  assertTrue(next.granted() <= 7 && next.leased() <= LIMIT, next.toString());
                  mine += next.granted();
                }
                return mine;
              }));
    }
    long sum = 0;
    for (Future<Long> one : leasing) {
      sum += one.get();
    }
    pool.shutdown();
    return sum;
  }
}
