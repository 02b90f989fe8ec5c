package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;

/**
 * However many keys there are, a look-up and a page read those that they give alone: what is
 * asserted is the database's plan of the very statements that the store runs, not a time. A million
 * keys, and all plans printed, with the profile "vectors".
 */
class StorePlansTest {
  private static final boolean LARGE = "large".equals(System.getProperty("test.vectors"));
  private static final int KEYS = LARGE ? 1_000_000 : 20_000;
  private static final int PAGE = 100;
  private static final String BY_WHOLE_NAME = ".*project\\W.*AND.*name\\W.*";
  private static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;

  @Test
  void lookUpsAndPagesGoByAnIndexOnSqlite(@TempDir Path folder) throws Exception {
    // The fourth column tells a step, and one that is no SEARCH reads all that there are.
    assertGoByAnIndex(
        "jdbc:sqlite:" + folder.resolve("kms.db"), "EXPLAIN QUERY PLAN ", 4, "^SCAN .*");
  }

  @Test
  void lookUpsAndPagesGoByAnIndexOnPostgresql() throws Exception {
    assertGoByAnIndex(PostgresServer.emptySchema(), "EXPLAIN ", 1, ".*Seq Scan.*");
  }

  private static void assertGoByAnIndex(String url, String explain, int column, String readsAll)
      throws Exception {
    CopiedKeys.fill(url, KEYS);
    CountingDialect counting = CountingDialect.open(url);
    try (Database database = Database.over(counting)) {
      JdbcStore store = JdbcStore.open(database);
      Explained explained = new Explained(counting, database, explain, column);
      UUID id = store.findByName(PROJECT, CopiedKeys.FIRST).orElseThrow().id();

      List<String> byId = explained.plan("get by id, key not in memory", () -> store.find(id));
      List<String> byName =
          explained.plan("get by name", () -> store.findByName(PROJECT, CopiedKeys.FIRST));
      List<String> near = explained.plan("page 1", () -> store.list(page(0, "")));
      List<String> far = explained.plan("page in the middle", () -> store.list(page(KEYS / 2, "")));
      explained.plan("search", () -> store.list(page(0, "777")));

      for (List<String> plan : List.of(byId, byName, near, far)) {
        assertFalse(plan.stream().anyMatch(step -> step.matches(readsAll)), plan::toString);
      }
      assertTrue(byName.stream().anyMatch(step -> step.matches(BY_WHOLE_NAME)), byName::toString);
      List<String> all =
          explained.of("SELECT 1 FROM kms_key WHERE description = ?", List.of("none"));
      assertTrue(all.stream().anyMatch(step -> step.matches(readsAll)), all::toString);
    }
  }

  private static KeyQuery page(int offset, String search) {
    return new KeyQuery(PROJECT, search, false, offset, PAGE);
  }

  /** Asks a database how it would answer what it was just asked. */
  private record Explained(
      CountingDialect counting, Database database, String explain, int column) {

    /** The plan of the last statement: a list first counts. */
    private List<String> plan(String question, Runnable asking) {
      counting.reset();
      asking.run();
      List<String> plan = List.of();
      for (CountingDialect.Asked asked : counting.asked()) {
        plan = of(asked.sql(), asked.values());
        if (LARGE) {
          System.out.printf(
              "[plan] %s, %s: %s%n    %s%n",
              explain, question, asked.sql(), String.join("\n    ", plan));
        }
      }
      assertFalse(plan.isEmpty(), question);
      return plan;
    }

    private List<String> of(String sql, List<Object> values) {
      return database.read(
          session -> session.all(explain + sql, row -> row.getString(column), values.toArray()));
    }
  }
}
