package org.kms4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.kms4j.benchmarks.peer.Home;

/**
 * What servers cost that nobody calls, as a table: transactions and statements a second in their
 * PostgreSQL and its connections, processor and memory of each server.
 *
 * <p>{@code IdleServers <jdbc:postgresql:…> [servers] [seconds]}, where {@code
 * servlet/target/kms4j.war} is; the database is to be empty. Statements are counted where it has
 * the extension {@code pg_stat_statements}. Each server is a process of its own.
 */
public final class IdleServers {
  private static final String WAR = "servlet/target/kms4j.war";
  private static final String HEAP = "-Xmx64m";
  private static final int DEFAULT_SERVERS = 10;
  private static final int DEFAULT_SECONDS = 60;
  private static final Duration START = Duration.ofMinutes(1);

  /** By then what a start compiles and asks is done. */
  private static final Duration SETTLING = Duration.ofSeconds(20);

  private static final int STATEMENTS = 6;

  private static final String TRANSACTIONS =
      "SELECT xact_commit + xact_rollback FROM pg_stat_database"
          + " WHERE datname = current_database()";
  private static final String CONNECTIONS =
      "SELECT COUNT(*) FROM pg_stat_activity"
          + " WHERE datname = current_database() AND pid <> pg_backend_pid()";
  private static final String COUNTS_STATEMENTS =
      "SELECT COUNT(*) FROM pg_extension WHERE extname = 'pg_stat_statements'";
  private static final String CALLS =
      "SELECT SUM(calls), query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
          + " WHERE d.datname = current_database() GROUP BY query ORDER BY 1 DESC LIMIT "
          + STATEMENTS;
  private static final String RESET = "SELECT 1 FROM pg_stat_statements_reset()";

  private final String url;
  private final int servers;
  private final int seconds;
  private final Path folder;
  private final String rootKey;
  private final List<Process> running = new ArrayList<>();

  private IdleServers(String url, int servers, int seconds) throws IOException {
    this.url = url;
    this.servers = servers;
    this.seconds = seconds;
    this.folder = Files.createTempDirectory("kms4j-idle");
    byte[] root = new byte[32];
    new SecureRandom().nextBytes(root);
    this.rootKey = Base64.getEncoder().encodeToString(root);
  }

  public static void main(String[] args) throws Exception {
    int servers = args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_SERVERS;
    int seconds = args.length > 2 ? Integer.parseInt(args[2]) : DEFAULT_SECONDS;
    new IdleServers(args[0], servers, seconds).run();
  }

  private void run() throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < servers; i++) {
        start(i);
      }
      LockSupport.parkNanos(SETTLING.toNanos());
      measure(statement);
    } finally {
      running.forEach(server -> server.destroyForcibly().onExit().join());
      Home.delete(folder);
    }
  }

  private void start(int number) throws IOException {
    Path log = folder.resolve(number + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            HEAP,
            "-Djava.io.tmpdir=" + folder,
            "-jar",
            WAR,
            "--home",
            folder.resolve("home" + number).toString(),
            "--port",
            "0");
    builder.environment().put("KMS_STORE", url);
    builder.environment().put("KMS_ROOT_KEY", rootKey);
    Process server = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    running.add(server);
    long deadline = System.nanoTime() + START.toNanos();
    while (!Files.readString(log).contains("listening on ")) {
      if (!server.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("a server does not start: " + Files.readString(log));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private void measure(Statement statement) throws IOException, SQLException {
    boolean counts = number(statement, COUNTS_STATEMENTS) > 0;
    if (counts) {
      number(statement, RESET);
    }
    List<Duration> before = running.stream().map(IdleServers::processor).toList();
    long began = System.nanoTime();
    long transactions = number(statement, TRANSACTIONS);
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    transactions = number(statement, TRANSACTIONS) - transactions;
    double elapsed = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d servers, %s, %.0f s: transactions a second: %.1f; connections: %d%n%n",
        servers,
        HEAP,
        elapsed,
        transactions / elapsed,
        number(statement, CONNECTIONS));
    if (counts) {
      statements(statement, elapsed);
    }
    System.out.println("| server | share of a processor | resident MiB |\n|---|---|---|");
    for (int i = 0; i < servers; i++) {
      Duration used = processor(running.get(i)).minus(before.get(i));
      System.out.printf(
          Locale.ROOT,
          "| %d | %.2f%% | %d |%n",
          i + 1,
          used.toMillis() / elapsed / 10,
          Resident.mebibytes(running.get(i).pid()));
    }
  }

  private static void statements(Statement statement, double elapsed) throws SQLException {
    System.out.println("| calls a second | statement |\n|---|---|");
    try (ResultSet row = statement.executeQuery(CALLS)) {
      while (row.next()) {
        System.out.printf(
            Locale.ROOT, "| %.2f | %s |%n", row.getLong(1) / elapsed, row.getString(2));
      }
    }
    System.out.println();
  }

  private static Duration processor(Process server) {
    return server.info().totalCpuDuration().orElseThrow();
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
