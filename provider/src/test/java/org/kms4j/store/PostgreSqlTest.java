package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PostgreSqlTest {
  private static final Duration BOUND = Duration.ofSeconds(9);

  private final String url = PostgresServer.emptySchema();
  private final Database database = Database.open(url);

  @AfterEach
  void close() {
    database.close();
  }

  private static String text(Database of, String query) {
    return of.read(session -> session.one(query, row -> row.getString(1)).orElseThrow());
  }

  private void table() {
    database.writeDistinct(
        session -> {
          session.update("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)");
          return session.update("INSERT INTO t VALUES (1, 0), (2, 0)");
        });
  }

  private static int count(Session session, int row) throws SQLException {
    return session.update("UPDATE t SET b = b + 1 WHERE a = ?", row);
  }

  @Test
  void failedWorkIsRolledBackWholeAndARowTwiceIsADuplicate() {
    table();

    assertThrows(
        StoreException.class,
        () ->
            database.write(
                session -> {
                  count(session, 1);
                  return session.update("INSERT INTO nowhere VALUES (1)");
                }));
    assertThrows(
        Database.DuplicateException.class,
        () ->
            database.write(
                session -> {
                  count(session, 1);
                  return session.update("INSERT INTO t VALUES (2, 0)");
                }));

    assertEquals("0", text(database, "SELECT SUM(b) FROM t"));
  }

  @Test
  void ofTwoTransactionsThatWaitForOneAnotherBothSucceedInTheEnd() throws Exception {
    table();
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    AtomicInteger runs = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    List<Future<Integer>> writing = new ArrayList<>();
    for (int first = 1; first <= 2; first++) {
      int mine = first;
      writing.add(
          pool.submit(
              () ->
                  database.write(
                      session -> {
                        count(session, mine);
                        if (runs.incrementAndGet() <= 2) {
                          meet(bothHoldOne);
                        }
                        return count(session, 3 - mine);
                      })));
    }
    for (Future<Integer> one : writing) {
      assertEquals(1, one.get());
    }
    pool.shutdown();

    assertEquals(3, runs.get(), "one was run again");
    assertEquals("4", text(database, "SELECT SUM(b) FROM t"));
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(1, TimeUnit.MINUTES);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void schemaIsMadeOnceWithoutTheLockToo() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 5; round++) {
      String empty = PostgresServer.emptySchema();
      List<Future<Long>> opening = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        opening.add(
            pool.submit(
                () -> {
                  try (Database mine = Database.over(new Unlocked(PostgreSql.open(empty)))) {
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

  /** As an engine that knows no advisory locks. */
  private static final class Unlocked extends DelegatingDialect {
    private Unlocked(Dialect real) {
      super(real);
    }

    @Override
    public void lockSchema(Session session) {
      // Nobody is kept out.
    }
  }

  @Test
  void acknowledgedWritesAreDurableWhateverTheServersDefault() {
    try (Database careless = Database.open(url + "&options=-c%20synchronous_commit=off")) {
      assertEquals("on", text(careless, "SHOW synchronous_commit"));
    }
    try (Database local = Database.open(url + "&options=-c%20synchronous_commit=local")) {
      assertEquals("local", text(local, "SHOW synchronous_commit"));
    }
    assertEquals("read committed", text(database, "SHOW transaction_isolation"));
  }

  @Test
  void theDatabaseSeesWhoseItsConnectionsAreUnderTheNameOfTheUrlIfItHasOne() {
    assertEquals("kms4j", text(database, "SHOW application_name"));
    try (Database named = Database.open(url + "&ApplicationName=orders")) {
      assertEquals("orders", text(named, "SHOW application_name"));
    }
  }

  @Test
  void statementThatDoesNotEndIsEnded() {
    long began = System.nanoTime();

    StoreException e =
        assertThrows(StoreException.class, () -> text(database, "SELECT pg_sleep(60)"));

    assertTrue(e.isBusy());
    assertTrue(System.nanoTime() - began < BOUND.toNanos());
    assertEquals("1", text(database, "SELECT 1"));
  }

  @Test
  void transactionOfWhoStandsStillIsEndedAndTheOthersGetItsLocks() {
    table();

    assertThrows(
        StoreException.class,
        () ->
            database.write(
                session -> {
                  count(session, 1);
                  // On another connection, which waits for the row that is held here.
                  assertEquals(1, (int) database.writeDistinct(other -> count(other, 1)));
                  return count(session, 2);
                }));

    assertEquals("1", text(database, "SELECT SUM(b) FROM t"));
  }

  @Test
  void whoFindsAllConnectionsTakenIsToldSo() {
    long began = System.nanoTime();

    StoreException e = assertThrows(StoreException.class, () -> nested(100));

    assertTrue(e.isBusy());
    assertFalse(
        assertThrows(StoreException.class, () -> text(database, "SELECT no FROM nowhere"))
            .isBusy());
    assertTrue(System.nanoTime() - began < BOUND.toNanos());
    assertEquals("1", text(database, "SELECT 1"));
  }

  private String nested(int depth) {
    return database.read(session -> depth == 0 ? "" : nested(depth - 1));
  }

  @Test
  void serverThatIsNotThereIsNamedWithoutThePassword() {
    long began = System.nanoTime();
    for (String nowhere :
        List.of(
            "jdbc:postgresql://127.0.0.1:1/keys?user=u&password=hush",
            "jdbc:postgresql://127.0.0.1:x/keys?user=u&password=hush",
            url.replace("/postgres?", "/keys?") + "&password=hush")) {
      StoreException e = assertThrows(StoreException.class, () -> Database.open(nowhere));

      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("/keys"), message);
      assertFalse(trace(e).contains("hush"), trace(e));
    }
    assertTrue(System.nanoTime() - began < BOUND.toNanos());
  }

  @Test
  void passwordBeforeTheHostIsRefusedAndNotRepeated() {
    StoreException e =
        assertThrows(
            StoreException.class, () -> Database.open("jdbc:postgresql://u:hush@127.0.0.1/keys"));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("?user="), message);
    assertFalse(trace(e).contains("hush"), trace(e));
  }

  private static String trace(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  @Test
  void changeWakesWhoListensAlsoAfterTheConnectionWasCut() throws Exception {
    Semaphore woken = new Semaphore(0);
    try (Database other = Database.open(url)) {
      other.listen(woken::release);
      assertTrue(wakes(woken), "before it was cut");

      PostgresServer.executeShared(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");

      // It wakes by itself once it listens again, for what was said meanwhile.
      assertTrue(woken.tryAcquire(1, TimeUnit.MINUTES));
      assertTrue(wakes(woken), "after it was cut");
    }
  }

  /** The listener may still be on its way, so a few calls may be for nobody. */
  private boolean wakes(Semaphore woken) throws InterruptedException {
    woken.drainPermits();
    for (int i = 0; i < 100; i++) {
      database.writeDistinct(
          session -> {
            session.announce();
            return 0;
          });
      if (woken.tryAcquire(100, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void closedDatabaseLeavesNoThread() {
    database.close();

    List<String> left =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.equals("kms-listener"))
            .toList();
    assertEquals(List.of(), left);
  }

  @Test
  void whatIsHeldShowsOneMomentHoweverLongAndTakesNoWrites() {
    table();

    List<String> seen =
        database.hold(
            held -> {
              List<String> all = new ArrayList<>();
              all.add(held.one("SELECT SUM(b) FROM t", row -> row.getString(1)).orElse(""));
              database.writeDistinct(session -> count(session, 1));
              all.add(held.one("SELECT SUM(b) FROM t", row -> row.getString(1)).orElse(""));
              String bound = "SELECT current_setting('idle_in_transaction_session_timeout')";
              all.add(held.one(bound, row -> row.getString(1)).orElse(""));
              return all;
            });

    assertEquals(List.of("0", "0", "0"), seen);
    assertEquals("1", text(database, "SELECT SUM(b) FROM t"));
    assertThrows(StoreException.class, () -> database.hold(held -> count(held, 1)));
    assertEquals("2s", text(database, "SHOW idle_in_transaction_session_timeout"));
  }
}
