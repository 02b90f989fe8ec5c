package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.store.Database;
import org.kms4j.store.PostgresServer;

/**
 * The nodes of the history test over one PostgreSQL, what is done to them, and what they tell.
 *
 * <p>Keys are of three kinds: {@link #changed} are rotated, disabled and enabled; {@link #limited}
 * rotate by themselves at {@link #LIMIT}; {@link #refusing} is used only by nodes that may not
 * rotate. The database notes of each lease to which process it went, in the lease's transaction.
 */
final class HistoryCluster implements AutoCloseable {
  static final int NODES = 4;
  static final int LIMIT = 320;

  /** See SealBudget. */
  static final int BLOCK = LIMIT / 64;

  private static final String NOTE_LEASES =
      """
      CREATE TABLE test_lease (key_id TEXT, version INT, process TEXT, seals BIGINT);
      CREATE FUNCTION test_lease() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO test_lease VALUES
          (NEW.key_id, NEW.version, current_setting('application_name'), NEW.seals - OLD.seals);
        RETURN NEW;
      END $$;
      CREATE TRIGGER test_lease AFTER UPDATE ON kms_key_version
      FOR EACH ROW WHEN (NEW.seals <> OLD.seals) EXECUTE FUNCTION test_lease()""";

  final List<UUID> changed = new ArrayList<>();
  final List<UUID> limited = new ArrayList<>();
  final UUID refusing;

  private final Random random;
  private final Path home;
  private final Path data;
  private PostgresServer server;
  private final List<Jvm> nodes = new ArrayList<>();
  private final Map<String, Queue<String>> lines = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final List<Future<?>> reading = new ArrayList<>();
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final Map<Chaos, Integer> done = new EnumMap<>(Chaos.class);

  enum Chaos {
    KILL,
    STOP,
    DROP,
    RESTART
  }

  /** What an open keyring is good for here. */
  @FunctionalInterface
  interface Use {
    void of(Keyring keyring, Database database) throws Exception;
  }

  HistoryCluster(Path folder, Random random) throws Exception {
    this.random = random;
    this.data = folder.resolve("data");
    this.home = Files.createDirectory(folder.resolve("home"));
    this.server = PostgresServer.start(data, 0);
    Files.writeString(
        home.resolve("kms.properties"),
        """
        kms.store=%s
        kms.lease=2
        kms.seal.limit=%d
        """
            .formatted(server.url(), LIMIT));
    open(
        (keyring, database) -> {
          for (int i = 0; i < 8; i++) {
            changed.add(keyring.create("changed " + i, KeyAlgorithm.XAES_256_GCM).id());
          }
          for (int i = 0; i < 3; i++) {
            limited.add(keyring.create("limited " + i, KeyAlgorithm.AES_256_GCM).id());
          }
        });
    this.refusing = limited.get(limited.size() - 1);
    server.execute(NOTE_LEASES);
  }

  void open(Use use) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      use.of(keyring, database);
    }
  }

  /** Starts all nodes, the second of this kind, the others good. */
  void start(String second) throws IOException {
    for (int i = 0; i < NODES; i++) {
      nodes.add(start(i, i == 1 ? second : "good"));
    }
  }

  private Jvm start(int index, String kind) throws IOException {
    String process = "p" + reading.size();
    boolean rotates = index < NODES / 2;
    Jvm node =
        Jvm.onClassPath(
            List.of(
                "-Dkms.store=" + server.url() + "&ApplicationName=" + process,
                "-Dkms.seal.rotate=" + rotates),
            List.of("postgresql", "HikariCP"),
            HistoryNode.class,
            home.toString(),
            kind,
            "" + random.nextLong(),
            "" + index,
            "" + NODES,
            text(changed),
            text(limited.subList(0, limited.size() - (rotates ? 1 : 0))));
    Queue<String> told = new ConcurrentLinkedQueue<>();
    lines.put(process, told);
    reading.add(readers.submit(() -> read(node, told)));
    return node;
  }

  private static String text(List<UUID> keys) {
    return keys.stream().map(UUID::toString).collect(Collectors.joining(","));
  }

  private void read(Jvm node, Queue<String> told) {
    try {
      for (String line = node.line(); line != null; line = node.line()) {
        told.add(line);
        count.incrementAndGet();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many lines were told by now. */
  int count() {
    return count.get();
  }

  void awaitCount(int wanted) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (count() < wanted) {
      assertTrue(System.nanoTime() < end, "the nodes do nothing");
      let(Duration.ofMillis(20));
    }
  }

  static void let(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  Duration upTo(int millis) {
    return Duration.ofMillis(random.nextInt(millis));
  }

  void disturb(Chaos chaos) throws Exception {
    done.merge(chaos, 1, Integer::sum);
    int index = random.nextInt(NODES);
    switch (chaos) {
      case KILL -> {
        nodes.get(index).kill();
        nodes.get(index).await();
        nodes.set(index, start(index, "good"));
      }
      // About as often for longer than a lease as not.
      case STOP -> standStill(index, upTo(5_000));
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

  void standStill(int index, Duration time) throws Exception {
    nodes.get(index).stop();
    let(time);
    nodes.get(index).resume();
  }

  /** How often each was done. */
  Map<Chaos, Integer> disturbed() {
    return done;
  }

  /** Ends all nodes; what they told. */
  History history() throws Exception {
    for (Jvm node : nodes) {
      node.close();
    }
    for (Future<?> one : reading) {
      one.get();
    }
    History history = new History();
    lines.forEach((process, told) -> history.add(process, List.copyOf(told)));
    return history;
  }

  /** What is to be said of the seals of each key that has a limit. */
  List<SealCheck> seals(History history) throws Exception {
    List<SealCheck> all = new ArrayList<>();
    open(
        (keyring, database) -> {
          for (UUID key : limited) {
            List<SealCheck.Lease> leases = leases(database, key);
            all.add(new SealCheck(history, key.toString(), leases, LIMIT, BLOCK));
          }
        });
    return all;
  }

  private static List<SealCheck.Lease> leases(Database database, UUID key) {
    return database.read(
        session ->
            session.all(
                "SELECT process, version, seals FROM test_lease WHERE key_id = ?",
                row ->
                    new SealCheck.Lease(
                        new History.Holder(row.getString(1), row.getInt(2)), row.getLong(3)),
                key.toString()));
  }

  @Override
  public void close() throws IOException {
    nodes.forEach(Jvm::close);
    readers.shutdown();
    server.close();
  }
}
