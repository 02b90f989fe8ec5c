package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.servlet.PostgresServer;
import org.kms4j.store.Database;
import org.kms4j.store.StoreException;

/** Whole stores that move between a file and a real PostgreSQL. */
class MigrateTest extends MigrateCase {

  private static PrintStream at(Consumer<String> lines) {
    return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
      @Override
      public void println(String line) {
        lines.accept(line);
      }
    };
  }

  /** Does something when a line with this text is printed. */
  private static PrintStream at(String text, Runnable then) {
    return at(
        line -> {
          if (line.contains(text)) {
            then.run();
          }
        });
  }

  /** A run in a JVM of its own, which dies when it has copied the keys. */
  static final class Killed {
    private Killed() {}

    public static void main(String... arguments) {
      PrintStream out = at("kms_key:", () -> Runtime.getRuntime().halt(9));
      migrate(arguments[0], arguments[1]).run(() -> open(Path.of(arguments[0])), out);
    }
  }

  private static void runKilled(Object from, Object to) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Killed.class.getName(),
                from.toString(),
                to.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(9, process.exitValue(), said);
  }

  @Test
  void everyRowMovesThereAndBackAndTheFileStaysAsItIs() throws Exception {
    String there = PostgresServer.emptySchema();
    List<String> rows = rows(url(here));
    byte[] file = Files.readAllBytes(here.resolve("kms.db"));

    List<String> lines = run(migrate(here, there));

    assertTrue(lines.contains("kms_key: 5 copied, 0 there already"), lines.toString());
    assertTrue(
        lines.contains("5 keys verified: each version opens there what it seals here"),
        lines.toString());
    assertEquals(rows, rows(there));
    assertArrayEquals(file, Files.readAllBytes(here.resolve("kms.db")));

    run(migrate(there, this.there));

    assertEquals(rows, rows(url(this.there)));
    assertEquals(rows, rows(there));
  }

  @Test
  void whatOneSealedTheOtherOpensUnderEveryVersion() throws Exception {
    String there = PostgresServer.emptySchema();
    byte[] sealed;
    try (OpenHome home = open(here)) {
      sealed = seal(home, orders);
      home.keyring().rotate(orders);
    }

    run(migrate(here, there));

    try (OpenHome home = open(here, there)) {
      assertArrayEquals(TEXT, unseal(home, orders, sealed));
    }
  }

  @Test
  void anotherRunFindsAllThereAndWritesNothing() throws Exception {
    String there = PostgresServer.emptySchema();
    run(migrate(here, there));
    List<String> rows = rows(there);

    List<String> lines = run(migrate(here, there));

    assertTrue(lines.contains("kms_key_version: 0 copied, 7 there already"), lines.toString());
    assertTrue(
        lines.contains("auth_membership: 0 copied, %d there already".formatted(3 * MANY)),
        lines.toString());
    assertEquals(rows, rows(there));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunThatIsKilledHasLeftNothingAndTheNextOneDoesItAll(boolean toFile) throws Exception {
    String postgres = PostgresServer.emptySchema();
    Object source = here;
    Object target = postgres;
    if (toFile) {
      run(migrate(here, postgres));
      source = postgres;
      target = there;
    }
    String targetUrl = toFile ? url(there) : postgres;

    runKilled(source, target);

    assertEquals(List.of(), rows(targetUrl));
    run(migrate(source, target));
    assertEquals(rows(url(here)), rows(targetUrl));
  }

  @Test
  void aKeyThatIsMissingThereComesWithTheNextRun() throws Exception {
    String there = PostgresServer.emptySchema();
    run(migrate(here, there));
    try (OpenHome home = open(here)) {
      create(home, "later", KeyAlgorithm.AES_256_GCM, false);
    }

    List<String> lines = run(migrate(here, there));

    assertTrue(lines.contains("kms_key: 1 copied, 5 there already"), lines.toString());
    assertEquals(rows(url(here)), rows(there));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE kms_epoch SET epoch = epoch + 1",
        "UPDATE auth_epoch SET epoch = epoch + 1",
        "UPDATE kms_key_version SET seals = seals + 1 WHERE version = 1",
        "UPDATE auth_client_secret SET uses = uses + 1",
        "UPDATE auth_counted_token SET uses = uses + 1",
        "UPDATE auth_universal SET last_wrong_at = last_wrong_at + 1",
        "INSERT INTO auth_revoked_token VALUES ('new', 1)"
      })
  void ofAPostgreSqlThatIsWrittenMeanwhileNothingIsTaken(String write) throws Exception {
    String source = PostgresServer.emptySchema();
    run(migrate(here, source));
    PrintStream writing = at("kms_key:", () -> change(source, write));

    StoreException e =
        assertThrows(
            StoreException.class, () -> migrate(source, there).run(() -> open(there), writing));

    assertTrue(String.valueOf(e.getMessage()).contains("written meanwhile"), e.getMessage());
    assertEquals(List.of(), rows(url(there)));
    run(migrate(source, there));
    assertEquals(rows(source), rows(url(there)));
  }

  @Test
  void whoWritesIntoAFileThatIsCopiedWaitsUntilAllIsCopiedAndVerified() throws Exception {
    String there = PostgresServer.emptySchema();
    List<String> rows = rows(url(here));
    List<CompletableFuture<Integer>> writers = new ArrayList<>();
    List<Boolean> done = new ArrayList<>();
    PrintStream out =
        at(
            line -> {
              if (line.contains("kms_key:")) {
                writers.add(
                    CompletableFuture.supplyAsync(
                        () -> change(url(here), "UPDATE kms_epoch SET epoch = epoch + 1")));
              }
              if (line.contains("verified")) {
                done.add(writers.get(0).isDone());
              }
            });

    migrate(here, there).run(() -> open(here), out);

    assertEquals(List.of(false), done);
    assertEquals(1, writers.get(0).get(10, TimeUnit.SECONDS));
    assertEquals(rows, rows(there));
  }

  @Test
  void everyTableIsNamedAsOneThatMovesOrOneThatStays() throws Exception {
    Set<String> named = new HashSet<>(MovedTable.STAY);
    for (MovedTable table : MovedTable.ALL) {
      named.add(table.table());
    }
    try (Database database = Database.open(url(here))) {
      List<String> tables =
          database.read(
              session ->
                  session.all(
                      "SELECT name FROM sqlite_master WHERE type = 'table'",
                      row -> row.getString(1)));

      assertEquals(named, new HashSet<>(tables));
    }
  }

  @Test
  void theWordsOfItAreNotShown() {
    assertFalse(
        migrate("jdbc:postgresql://h/d?password=SECRET", here).toString().contains("SECRET"));
  }
}
