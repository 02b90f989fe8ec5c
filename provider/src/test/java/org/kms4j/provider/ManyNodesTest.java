package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.PostgresServer;
import org.kms4j.store.StoreException;

/** Several keyrings, each with connections of its own, over one PostgreSQL. */
class ManyNodesTest {
  private static final int THREADS = 64;

  private final String url = PostgresServer.emptySchema();
  private final List<Database> databases = new ArrayList<>();
  private final List<KmsFixture> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    nodes.forEach(KmsFixture::close);
    databases.forEach(Database::close);
  }

  private JdbcStore store() {
    Database database = Database.open(url);
    databases.add(database);
    return JdbcStore.open(database);
  }

  private KmsFixture node() {
    KmsFixture node = KmsFixture.over(store());
    nodes.add(node);
    return node;
  }

  @Test
  void rotationsOfOneKeyByAllThreadsOfAllNodesGiveConsecutiveVersions() throws Exception {
    KmsKey key = node().key(KeyAlgorithm.AES_256_GCM);
    List<KmsFixture> four = List.of(nodes.get(0), node(), node(), node());
    byte[] first = four.get(0).seal(key, new byte[3]);

    ExecutorService pool = Executors.newFixedThreadPool(THREADS * four.size());
    List<Future<Integer>> rotating = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      for (KmsFixture node : four) {
        rotating.add(pool.submit(() -> rotate(node, key)));
      }
    }
    List<Integer> versions = new ArrayList<>();
    for (Future<Integer> one : rotating) {
      versions.add(one.get());
    }
    pool.shutdown();

    int last = THREADS * four.size() + 1;
    assertEquals(
        IntStream.rangeClosed(2, last).boxed().toList(), versions.stream().sorted().toList());
    byte[] sealed = four.get(1).seal(key, new byte[5]);
    for (KmsFixture node : four) {
      assertArrayEquals(new byte[3], node.open(key, first));
      assertArrayEquals(new byte[5], node.open(key, sealed));
    }
  }

  /** All wait for one row: on a slow machine longer than a store lets anybody wait. */
  private static int rotate(KmsFixture node, KmsKey key) throws Exception {
    while (true) {
      try {
        return node.keyring.rotate(key.keyId()).primaryVersion();
      } catch (StoreException e) {
        if (!e.isBusy()) {
          throw e;
        }
      }
    }
  }

  @Test
  void onceDisableHasReturnedAnotherNodeRefusesTheKeyAndKeepsItsOtherKeys() throws Exception {
    KmsFixture one = node();
    KmsFixture two = node();
    KmsKey changed = one.key(KeyAlgorithm.AES_256_GCM);
    KmsKey other = one.key(KeyAlgorithm.XAES_256_GCM);
    two.seal(changed, new byte[1]);
    two.keyring.memory().confirmNow();
    two.seal(changed, new byte[1]);
    ResolvedKey kept = two.keyring.resolve(other.keyId(), KeyUsage.ENCRYPT_DECRYPT);

    one.keyring.disable(changed.keyId());

    assertThrows(KeyStateException.class, () -> two.seal(changed, new byte[1]));
    two.keyring.memory().confirmNow();
    assertFalse(kept.destroyed(), "another key was wiped as well");
  }

  @Test
  void allNodesConfirmLongBeforeTheirLeasesEnd() throws Exception {
    KmsKey key = node().key(KeyAlgorithm.AES_256_GCM);
    for (int nodes : new int[] {1, 4, 10}) {
      while (this.nodes.size() < nodes) {
        node().seal(key, new byte[1]);
      }
      long[] nanos = new long[21];
      for (int i = 0; i < nanos.length; i++) {
        long began = System.nanoTime();
        this.nodes.get(0).keyring.disable(key.keyId());
        nanos[i] = System.nanoTime() - began;
        this.nodes.get(0).keyring.enable(key.keyId());
      }
      Arrays.sort(nanos);
      System.out.printf(
          "[revocation] %d nodes on PostgreSQL: disable takes %.1f ms, at most %.1f ms%n",
          nodes, nanos[nanos.length / 2] / 1e6, nanos[nanos.length - 1] / 1e6);
      assertTrue(nanos[nanos.length / 2] < KmsFixture.LEASE.toNanos() / 2, "it waited for leases");
    }
  }

  @Test
  void nodeWithAnotherRootKeyIsToldWhichOneIsWanted() throws Exception {
    node();
    String given = Base64.getEncoder().encodeToString(KmsFixture.bytes(8, 32));
    try (RootKey other = EnvironmentRootKey.load("KEY", Map.of("KEY", given))) {
      RootKeyException e = assertThrows(RootKeyException.class, () -> Keyring.open(store(), other));

      String message = KmsFixture.message(e);
      assertTrue(message.contains(other.id()), message);
      assertTrue(message.contains(KmsFixture.rootKey().id()), message);
    }
  }
}
