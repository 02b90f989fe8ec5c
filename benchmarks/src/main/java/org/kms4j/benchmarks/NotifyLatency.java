package org.kms4j.benchmarks;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.WrappedKeyStore;

/**
 * What many nodes cost one PostgreSQL, as a table: how long after a change by one node the last of
 * the others has dropped the key, by NOTIFY and by the poll alone; how long a {@code disable}
 * takes, which waits for all; what a change leaves in the log of the database; what a cluster asks
 * that does nothing.
 *
 * <p>{@code NotifyLatency <jdbc:postgresql:…> [changes]}; the database is to be empty. Each node is
 * a keyring with a pool and connections of its own; all are in this JVM, so that they have one
 * clock.
 */
public final class NotifyLatency {
  private static final List<Integer> NODES = List.of(1, 4, 10);
  private static final int DEFAULT_CHANGES = 200;
  private static final int WARM_UP = 20;
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final int IDLE_SECONDS = 20;

  private final String url;
  private final int changes;
  private final String rootKey;
  private final SplittableRandom random = new SplittableRandom(1);

  private NotifyLatency(String url, int changes) {
    this.url = url;
    this.changes = changes;
    byte[] root = new byte[32];
    new SecureRandom().nextBytes(root);
    this.rootKey = Base64.getEncoder().encodeToString(root);
  }

  public static void main(String[] args) throws Exception {
    int changes = args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_CHANGES;
    new NotifyLatency(args[0], changes).run();
  }

  /** What one node has heard of. */
  private static final class Node implements AutoCloseable {
    private final Database database;
    private final JdbcStore store;
    private final Keyring keyring;
    private volatile long heardAt;
    private volatile long heardOf;

    private Node(String url, String rootKey, boolean called) {
      database = Database.open(url);
      store = JdbcStore.open(database);
      keyring =
          Keyring.open(observed(called), EnvironmentRootKey.load("ROOT", Map.of("ROOT", rootKey)));
    }

    /** When the store has said what changed, the keyring drops it, which takes no time. */
    private WrappedKeyStore observed(boolean called) {
      return (WrappedKeyStore)
          Proxy.newProxyInstance(
              WrappedKeyStore.class.getClassLoader(),
              new Class<?>[] {WrappedKeyStore.class},
              (self, method, given) -> {
                if (method.getName().equals("onChange") && !called) {
                  return null;
                }
                try {
                  Object result = method.invoke(store, given);
                  if (method.getName().equals("changed")) {
                    heardAt = System.nanoTime();
                    heardOf = (long) given[1];
                  }
                  return result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    private long awaitHeard(long epoch) {
      while (heardOf < epoch) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return heardAt;
    }

    @Override
    public void close() {
      keyring.close();
      database.close();
    }
  }

  private void run() throws GeneralSecurityException, SQLException {
    System.out.println("| other nodes | heard of a change by | p50 ms | p99 ms | max ms |");
    System.out.println("|---|---|---|---|---|");
    for (boolean called : List.of(true, false)) {
      for (int nodes : NODES) {
        row(nodes, called ? "NOTIFY" : "poll", nanos(nodes, called, this::hear));
      }
    }
    System.out.println("\n| other nodes | | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|");
    for (int nodes : NODES) {
      row(nodes, "disable, until it returns", nanos(nodes, true, NotifyLatency::disable));
    }
    System.out.printf(Locale.ROOT, "%nWAL, bytes a change: %d%n", walOfAChange());
    System.out.printf(
        Locale.ROOT,
        "idle cluster of 10 keyrings, transactions a second: %.1f%n",
        idleTransactions(10));
  }

  private static void row(int nodes, String what, long[] nanos) {
    System.out.printf(
        Locale.ROOT,
        "| %d | %s | %.1f | %.1f | %.1f |%n",
        nodes,
        what,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }

  /** How long one change takes. */
  @FunctionalInterface
  private interface Change {
    long nanos(Node changing, UUID key, Collection<Node> others) throws GeneralSecurityException;
  }

  /** In order of size; before each change all nodes have the key in memory. */
  private long[] nanos(int nodes, boolean called, Change change) throws GeneralSecurityException {
    Deque<Node> others = new ArrayDeque<>();
    try (Node changing = new Node(url, rootKey, called)) {
      UUID key = newKey(changing);
      for (int i = 0; i < nodes; i++) {
        others.add(new Node(url, rootKey, called));
      }
      long[] nanos = new long[changes];
      for (int i = -WARM_UP; i < changes; i++) {
        for (Node node : others) {
          node.keyring.describe(key);
        }
        LockSupport.parkNanos(random.nextLong(MAX_PAUSE_NANOS));
        long took = change.nanos(changing, key, others);
        if (i >= 0) {
          nanos[i] = took;
        }
      }
      Arrays.sort(nanos);
      return nanos;
    } finally {
      others.forEach(Node::close);
    }
  }

  /** From the return of the change to the last node. */
  private long hear(Node changing, UUID key, Collection<Node> others)
      throws GeneralSecurityException {
    long committed = change(changing, key, random.nextInt());
    long epoch = changing.store.epoch();
    long last = Long.MIN_VALUE;
    for (Node node : others) {
      last = Math.max(last, node.awaitHeard(epoch));
    }
    // A node may have heard before the one that changed has the answer.
    return Math.max(0, last - committed);
  }

  /** The whole call: it returns when all have confirmed. */
  private static long disable(Node changing, UUID key, Collection<Node> others)
      throws GeneralSecurityException {
    long began = System.nanoTime();
    changing.keyring.disable(key);
    long took = System.nanoTime() - began;
    changing.keyring.enable(key);
    return took;
  }

  private static UUID newKey(Node node) throws GeneralSecurityException {
    return node.keyring.create(UUID.randomUUID().toString(), KeyAlgorithm.AES_256_GCM).id();
  }

  private static long change(Node node, UUID key, int number) throws GeneralSecurityException {
    node.keyring.update(key, old -> old.withDescription("change " + number));
    return System.nanoTime();
  }

  private long walOfAChange() throws GeneralSecurityException, SQLException {
    try (Node node = new Node(url, rootKey, true)) {
      UUID key = newKey(node);
      long before = number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')");
      for (int i = 0; i < changes; i++) {
        change(node, key, i);
      }
      return (number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')") - before)
          / changes;
    }
  }

  private double idleTransactions(int nodes) throws SQLException {
    List<Node> idle = Stream.generate(() -> new Node(url, rootKey, true)).limit(nodes).toList();
    try {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
      long began = System.nanoTime();
      long before = transactions();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(IDLE_SECONDS));
      long after = transactions();
      return (after - before) * 1e9 / (System.nanoTime() - began);
    } finally {
      idle.forEach(Node::close);
    }
  }

  private long transactions() throws SQLException {
    return number(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database"
            + " WHERE datname = current_database()");
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
