package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;
import org.kms4j.store.PostgresServer;

/**
 * Four processes over one PostgreSQL, which are killed, stopped and cut off, and whose server goes
 * away: what they say that they did keeps the promises of {@link Keyring}.
 */
class HistoryTest {
  private static final boolean LARGE = "large".equals(System.getProperty("test.vectors"));
  private static final int OPERATIONS = LARGE ? 200_000 : 1;
  private static final Duration AT_LEAST = Duration.ofSeconds(LARGE ? 60 : 12);
  private static final int KEYS = 8;
  private static final int NODES = 4;
  private static final long SEED = 62;

  private final Random random = new Random(SEED);
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final List<Jvm> nodes = new ArrayList<>();
  private final List<Future<?>> reading = new ArrayList<>();
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final Map<Chaos, Integer> done = new EnumMap<>(Chaos.class);
  private final AtomicInteger count = new AtomicInteger();
  private final Path home;
  private final Path data;
  private final List<UUID> keys = new ArrayList<>();
  private PostgresServer server;

  private enum Chaos {
    KILL,
    STOP,
    DROP,
    RESTART
  }

  HistoryTest(@TempDir Path folder) throws Exception {
    this.data = folder.resolve("data");
    this.home = Files.createDirectory(folder.resolve("home"));
    this.server = PostgresServer.start(data, 0);
    String settings = "kms.store=" + server.url() + "\nkms.lease=2\n";
    Files.writeString(home.resolve("kms.properties"), settings);
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      for (int i = 0; i < KEYS; i++) {
        keys.add(keyring.create("key " + i, KeyAlgorithm.XAES_256_GCM).id());
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    nodes.forEach(Jvm::close);
    readers.shutdown();
    server.close();
  }

  private Jvm start(int index, String kind) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(Arrays.asList(home.toString(), kind, "" + random.nextLong(), "" + index));
    arguments.add("" + NODES);
    keys.forEach(key -> arguments.add(key.toString()));
    Jvm node =
        Jvm.onClassPath(
            List.of(),
            List.of("postgresql", "HikariCP"),
            HistoryNode.class,
            arguments.toArray(String[]::new));
    reading.add(readers.submit(() -> read(node)));
    return node;
  }

  private void read(Jvm node) {
    try {
      for (String line = node.line(); line != null; line = node.line()) {
        lines.add(line);
        count.incrementAndGet();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void let(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Duration upTo(int millis) {
    return Duration.ofMillis(random.nextInt(millis));
  }

  private void disturb(Chaos chaos) throws Exception {
    done.merge(chaos, 1, Integer::sum);
    int index = random.nextInt(NODES);
    switch (chaos) {
      case KILL -> {
        nodes.get(index).kill();
        nodes.get(index).await();
        nodes.set(index, start(index, "good"));
      }
      case STOP -> {
        // About as often for longer than a lease as not.
        nodes.get(index).stop();
        let(upTo(5_000));
        nodes.get(index).resume();
      }
      case DROP ->
          server.execute(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
      case RESTART -> {
        int port = server.port();
        server.close();
        let(upTo(1_500));
        server = PostgresServer.start(data, port);
      }
    }
  }

  private History history() throws Exception {
    for (Jvm node : nodes) {
      node.close();
    }
    for (Future<?> one : reading) {
      one.get();
    }
    History history = new History();
    history.add(List.copyOf(lines));
    return history;
  }

  @Test
  void nothingIsSealedAfterARevocationAndNothingIsLostWhateverHappensToTheNodes() throws Exception {
    for (int i = 0; i < NODES; i++) {
      nodes.add(start(i, "good"));
    }
    awaitCount(100);
    long end = System.nanoTime() + AT_LEAST.toNanos();
    for (int i = 0; System.nanoTime() < end || count.get() < OPERATIONS; i++) {
      // Each kind once, and then by chance.
      int kind = i < Chaos.values().length ? i : random.nextInt(Chaos.values().length);
      disturb(Chaos.values()[kind]);
      let(upTo(1_000));
    }
    History history = history();

    System.out.printf(
        "[history] seed %d: %d lines, %d seals, %d disables, %d rotations; %s%n",
        SEED,
        count.get(),
        history.messages().size(),
        history.disables(),
        history.rotations(),
        done);
    assertEquals(List.of(), history.violations());
    assertTrue(history.disables() > 10 && history.rotations() > 10, "too little was done");
    assertAllOpens(history);
  }

  private void assertAllOpens(History history) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      for (UUID key : keys) {
        keyring.enable(key);
        int newest = keyring.describe(key).primaryVersion();
        assertTrue(newest >= history.newest(key.toString()), "a version was lost");
      }
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
      for (History.Sealed message : history.messages()) {
        cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(UUID.fromString(message.key())));
        assertArrayEquals(new byte[16], cipher.doFinal(message.bytes()));
      }
    }
  }

  @Test
  void nodeThatIgnoresItsLeaseIsFoundOut() throws Exception {
    nodes.add(start(0, "good"));
    nodes.add(start(1, "faulty"));
    for (int i = 2; i < NODES; i++) {
      nodes.add(start(i, "good"));
    }
    awaitCount(2_000);
    // It stands still for longer than its lease, and then goes on.
    for (int i = 0; i < 3; i++) {
      nodes.get(1).stop();
      let(Duration.ofSeconds(4));
      nodes.get(1).resume();
      let(Duration.ofMillis(500));
    }

    List<String> violations = history().violations();

    assertFalse(violations.isEmpty(), "the checker finds nothing");
    System.out.println("[history] planted fault: " + violations.size() + ", " + violations.get(0));
  }

  private void awaitCount(int wanted) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (count.get() < wanted) {
      assertTrue(System.nanoTime() < end, "the nodes do nothing");
      let(Duration.ofMillis(20));
    }
  }
}
