package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  private final Path folder;
  private final Database database;

  DatabaseTest(@TempDir Path folder) {
    this.folder = folder;
    this.database = Database.open(url());
  }

  private String url() {
    return "jdbc:sqlite:" + folder.resolve("kms.db");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private String pragma(String name) {
    return database.read(
        session -> session.one("PRAGMA " + name, row -> row.getString(1)).orElseThrow());
  }

  private long rows() {
    return database.read(
        session -> session.one("SELECT COUNT(*) FROM t", row -> row.getLong(1)).orElseThrow());
  }

  private void table() {
    database.writeDistinct(
        session -> session.update("CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(9) UNIQUE)"));
  }

  @Test
  void writesAreDurableByWalAndSynchronousFull() {
    assertEquals("wal", pragma("journal_mode"));
    assertEquals("2", pragma("synchronous"), "2 is FULL");
    assertEquals("1", pragma("foreign_keys"));
  }

  @Test
  void everyConnectionIsSetUpAlike() throws Exception {
    List<String> found = new ArrayList<>();
    // Nested reads need a connection each.
    database.read(
        first ->
            database.read(
                second -> {
                  found.add(first.one("PRAGMA synchronous", r -> r.getString(1)).orElse(""));
                  return found.add(
                      second.one("PRAGMA synchronous", r -> r.getString(1)).orElse(""));
                }));

    assertEquals(List.of("2", "2"), found);
  }

  @Test
  void fileIsForItsOwnerAloneAndSoAreItsCompanions() throws IOException {
    table();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            file.toString());
      }
    }
  }

  @Test
  void failedWorkIsRolledBackWhole() {
    table();

    assertThrows(
        StoreException.class,
        () ->
            database.write(
                session -> {
                  session.update("INSERT INTO t VALUES (1, 'x')");
                  return session.update("INSERT INTO nowhere VALUES (1)");
                }));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            database.write(
                session -> {
                  session.update("INSERT INTO t VALUES (2, 'y')");
                  throw new IllegalArgumentException("of the work's own");
                }));

    assertEquals(0, rows());
    database.writeDistinct(session -> session.update("INSERT INTO t VALUES (1, 'x')"));
    assertEquals(1, rows());
  }

  @Test
  void rowThatMustBeTheOnlyOneIsADuplicate() throws Exception {
    table();
    database.write(session -> session.update("INSERT INTO t VALUES (1, 'x')"));

    assertThrows(
        Database.DuplicateException.class,
        () -> database.write(session -> session.update("INSERT INTO t VALUES (2, 'x')")));
    assertThrows(
        Database.DuplicateException.class,
        () -> database.write(session -> session.update("INSERT INTO t VALUES (1, 'z')")));
    assertThrows(
        StoreException.class,
        () -> database.writeDistinct(s -> s.update("INSERT INTO t VALUES (1, 'z')")));

    assertEquals(1, rows());
  }

  @Test
  void writersOfManyThreadsAndTwoDatabasesWaitForOneAnother() throws Exception {
    table();
    database.writeDistinct(session -> session.update("INSERT INTO t VALUES (1, '0')"));
    try (Database other = Database.open(url())) {
      ExecutorService pool = Executors.newFixedThreadPool(6);
      List<Future<Integer>> writing = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Database mine = i % 2 == 0 ? database : other;
        writing.add(
            pool.submit(
                () -> {
                  for (int n = 0; n < 15; n++) {
                    mine.writeDistinct(DatabaseTest::countUp);
                  }
                  return 0;
                }));
      }
      for (Future<Integer> one : writing) {
        assertEquals(0, one.get());
      }
      pool.shutdown();
    }

    assertEquals(
        "90", database.read(s -> s.one("SELECT b FROM t", row -> row.getString(1)).orElseThrow()));
  }

  private static int countUp(Session session) throws SQLException {
    String count = session.one("SELECT b FROM t", row -> row.getString(1)).orElseThrow();
    return session.update("UPDATE t SET b = ?", "" + (Integer.parseInt(count) + 1));
  }

  @Test
  void migrationRunsOnce() {
    JdbcStore.open(database);
    JdbcStore.open(database);

    int version =
        database.read(
            session ->
                session
                    .one("SELECT version FROM kms_schema WHERE part = 'kms'", row -> row.getInt(1))
                    .orElseThrow());
    assertEquals(5, version);
  }

  @Test
  void databasesThatMigrateAtOnceBothSucceed() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 5; round++) {
      String url = "jdbc:sqlite:" + folder.resolve(round + ".db");
      List<Future<Long>> opening = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        opening.add(
            pool.submit(
                () -> {
                  try (Database mine = Database.open(url)) {
                    return JdbcStore.open(mine).epoch();
                  }
                }));
      }
      for (Future<Long> one : opening) {
        assertEquals(0L, one.get());
      }
    }
    pool.shutdown();
  }

  @Test
  void urlOfAnotherKindIsRefused() {
    for (String bad : List.of("jdbc:h2:mem:x", "kms.db", "")) {
      StoreException e = assertThrows(StoreException.class, () -> Database.open(bad));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("jdbc:sqlite:") && message.contains("jdbc:postgresql:"), message);
    }
    String nowhere = "jdbc:sqlite:" + folder.resolve("no/such/kms.db");
    assertThrows(StoreException.class, () -> Database.open(nowhere));
  }

  @Test
  void fileThatIsNoDatabaseIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("text.db"), "this is not a database".repeat(99));

    StoreException e =
        assertThrows(StoreException.class, () -> Database.open("jdbc:sqlite:" + file));

    assertTrue(String.valueOf(e.getMessage()).contains("text.db"));
  }

  @Test
  void closedDatabaseRefuses() {
    database.close();
    database.close();

    assertThrows(StoreException.class, () -> database.read(session -> 1));
    assertThrows(StoreException.class, () -> database.writeDistinct(session -> 1));
  }

  @Test
  void aFileThatIsHeldIsWrittenByNobodyUntilItIsLetGo() throws Exception {
    table();
    try (Database other = Database.open(url())) {
      CompletableFuture<Integer> writer =
          database.hold(
              session -> {
                long before = rows();
                CompletableFuture<Integer> waiting =
                    CompletableFuture.supplyAsync(
                        () -> other.writeDistinct(s -> s.update("INSERT INTO t VALUES (1, 'a')")));
                assertThrows(TimeoutException.class, () -> waiting.get(300, TimeUnit.MILLISECONDS));
                assertEquals(
                    before,
                    session.one("SELECT COUNT(*) FROM t", row -> row.getLong(1)).orElseThrow());
                return waiting;
              });

      assertEquals(1, writer.get(9, TimeUnit.SECONDS));
      assertEquals(1, rows());
    }
  }

  @Test
  void theVersionOfItsTablesCanBeAskedFor() {
    assertThrows(StoreException.class, () -> database.version("kms"));

    JdbcStore.open(database).close();

    assertTrue(database.version("kms") > 0);
    assertEquals(0, database.version("other"));
  }
}
