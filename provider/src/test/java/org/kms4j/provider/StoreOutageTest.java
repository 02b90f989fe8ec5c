package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;
import org.kms4j.store.Database;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.PostgresServer;
import org.kms4j.store.StoreException;

/** PostgreSQL goes away and comes back; the keyring stays. */
class StoreOutageTest {
  private static final Duration BOUND = Duration.ofSeconds(9);

  @Test
  void allWaitsEndWhileTheDatabaseIsAwayAndAllServesAgainWhenItIsBack(@TempDir Path folder)
      throws Exception {
    Path data = folder.resolve("data");
    PostgresServer server = PostgresServer.start(data, 0);
    int port = server.port();
    try (Database database = Database.open(server.url());
        KmsFixture kms = KmsFixture.over(JdbcStore.open(database))) {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
      KmsKey cold = kms.key(KeyAlgorithm.XAES_256_GCM);
      byte[] before = kms.seal(key, new byte[7]);
      kms.keyring.memory().confirmNow();
      kms.seal(key, new byte[7]);

      server.close();

      awaitFailure(kms, key);
      assertFailsInTime(() -> kms.seal(cold, new byte[1]));
      assertFailsInTime(() -> kms.keyring.create("", KeyAlgorithm.AES_256_GCM));
      assertFailsInTime(() -> kms.keyring.disable(key.keyId()));
      assertManyFailInTime(kms, key);

      try (PostgresServer back = PostgresServer.start(data, port)) {
        assertEquals(port, back.port());
        assertArrayEquals(new byte[7], opened(kms, key, before));
        assertArrayEquals(new byte[9], kms.open(cold, kms.seal(cold, new byte[9])));
        kms.keyring.rotate(key.keyId());
        assertEquals(2, kms.keyring.describe(key.keyId()).primaryVersion());
      }
    }
  }

  @Test
  void keyInUseGrowsOldWhileTheDatabaseIsAwayAndIsReadAnewWhenItIsBack(@TempDir Path folder)
      throws Exception {
    Path data = folder.resolve("data");
    Duration age = Duration.ofSeconds(4);
    PostgresServer server = PostgresServer.start(data, 0);
    int port = server.port();
    try (Database database = Database.open(server.url());
        KmsFixture kms =
            KmsFixture.over(
                JdbcStore.open(database), new Pace(EpochWatch.INTERVAL, NodeLease.LONGEST, age))) {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
      // The keyring's own watch may wipe the key once more, since its change was one as well.
      kms.keyring.memory().confirmNow();
      ResolvedKey held = kms.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT);
      byte[] message = kms.seal(key, new byte[7]);

      server.close();

      awaitFailedTicks(kms, held.loadedAt() + age.toNanos());
      assertSame(held, kms.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT));
      assertArrayEquals(new byte[7], kms.open(key, message));
      kms.seal(key, new byte[1]);

      try (PostgresServer back = PostgresServer.start(data, port)) {
        assertEquals(port, back.port());
        while (!held.destroyed()) {
          Thread.sleep(10);
        }
        assertArrayEquals(new byte[7], opened(kms, key, message));
      }
    }
  }

  /** Until the watch has asked in vain after this time. */
  private static void awaitFailedTicks(KmsFixture kms, long time) throws InterruptedException {
    while (System.nanoTime() - time < 0) {
      Thread.sleep(10);
    }
    int now = kms.keyring.memory().tick();
    while (kms.keyring.memory().tick() - now < 2 || kms.keyring.storeAnswers()) {
      Thread.sleep(10);
    }
  }

  /** By the promise: nothing is served from memory after the lease. */
  private static void awaitFailure(KmsFixture kms, KmsKey key) throws Exception {
    long gone = System.nanoTime();
    while (true) {
      long began = System.nanoTime();
      try {
        kms.seal(key, new byte[1]);
      } catch (StoreException e) {
        return;
      }
      assertTrue(began - gone < KmsFixture.LEASE.toNanos(), "sealed after the lease");
    }
  }

  private static void assertFailsInTime(Executable call) {
    long began = System.nanoTime();
    assertThrows(StoreException.class, call);
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "it waited for too long");
  }

  /** They do not wait for one another. */
  private static void assertManyFailInTime(KmsFixture kms, KmsKey key) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    long began = System.nanoTime();
    List<Future<StoreException>> failing = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      failing.add(
          pool.submit(() -> assertThrows(StoreException.class, () -> kms.seal(key, new byte[1]))));
    }
    for (Future<StoreException> one : failing) {
      one.get();
    }
    pool.shutdown();
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "they waited for one another");
  }

  private static byte[] opened(KmsFixture kms, KmsKey key, byte[] message) throws Exception {
    long began = System.nanoTime();
    while (true) {
      try {
        return kms.open(key, message);
      } catch (StoreException e) {
        assertTrue(System.nanoTime() - began < BOUND.toNanos(), "it does not serve again");
        Thread.onSpinWait();
      }
    }
  }
}
