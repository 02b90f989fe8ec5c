package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** What the store is asked, by whom and how much of it comes back. */
class WarmKeyTest {
  private static final int MESSAGES = 2_000;

  @Test
  void warmKeySealsAndOpensWithoutAStatementOnSqlite(@TempDir Path folder) throws Exception {
    assertWarmWithoutStatement("jdbc:sqlite:" + folder.resolve("kms.db"));
  }

  @Test
  void warmKeySealsAndOpensWithoutAStatementOnPostgresql() throws Exception {
    assertWarmWithoutStatement(PostgresServer.emptySchema());
  }

  private static void assertWarmWithoutStatement(String url) throws Exception {
    CountingDialect counting = CountingDialect.open(url);
    try (Database database = Database.over(counting);
        Keyring keyring = Keyring.open(JdbcStore.open(database), CopiedKeys.rootKey())) {
      KmsKey key = KmsKey.of(keyring.create("warm", KeyAlgorithm.XAES_256_GCM).id());
      assertFalse(counting.statements().isEmpty(), "it counts nothing");
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
      // The keyring's own watch may wipe the key once more, since its change was one as well.
      int least = Integer.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        least = Math.min(least, statements(counting, cipher, key));
      }

      assertEquals(0, least);
    }
  }

  @Test
  void blockOfSealsIsLeasedByOneStatementOnSqlite(@TempDir Path folder) throws Exception {
    assertLeasedByOneStatement("jdbc:sqlite:" + folder.resolve("kms.db"));
  }

  @Test
  void blockOfSealsIsLeasedByOneStatementOnPostgresql() throws Exception {
    assertLeasedByOneStatement(PostgresServer.emptySchema());
  }

  private static void assertLeasedByOneStatement(String url) throws Exception {
    CountingDialect counting = CountingDialect.open(url);
    try (Database database = Database.over(counting)) {
      JdbcStore store = JdbcStore.open(database);
      UUID key = LeaseContract.insertInto(store).id();
      counting.reset();

      assertEquals(new SealLease(600, 600), store.lease(key, 1, 600, 1_000));
      assertEquals(1, counting.statements().size(), () -> counting.statements().toString());
      assertEquals(new SealLease(400, 1_000), store.lease(key, 1, 600, 1_000));
    }
  }

  private static int statements(CountingDialect counting, Cipher cipher, KmsKey key)
      throws Exception {
    counting.reset();
    for (int i = 0; i < MESSAGES; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      byte[] message = cipher.doFinal(new byte[20]);
      cipher.init(Cipher.DECRYPT_MODE, key);
      assertArrayEquals(new byte[20], cipher.doFinal(message));
    }
    return counting.statements().size();
  }

  @Test
  void startOverManyKeysReadsNoneOfThemOnSqlite(@TempDir Path folder) throws Exception {
    assertSameStart(
        "jdbc:sqlite:" + folder.resolve("few.db"), "jdbc:sqlite:" + folder.resolve("many.db"));
  }

  @Test
  void startOverManyKeysReadsNoneOfThemOnPostgresql() throws Exception {
    assertSameStart(PostgresServer.emptySchema(), PostgresServer.emptySchema());
  }

  private static void assertSameStart(String few, String many) throws Exception {
    CopiedKeys.fill(few, 10);
    CopiedKeys.fill(many, 5_000);

    Start ofFew = start(few);
    Start ofMany = start(many);

    assertEquals(ofFew, ofMany);
    assertFalse(ofMany.statements().isEmpty(), "it counts nothing");
    // Nor does any count them, or look whether there are some.
    for (String statement : ofMany.statements()) {
      assertFalse(statement.contains("kms_key"), statement);
    }
  }

  private record Start(List<String> statements, long rows) {}

  private static Start start(String url) {
    CountingDialect counting = CountingDialect.open(url);
    try (Database database = Database.over(counting);
        Keyring keyring = Keyring.open(JdbcStore.open(database), CopiedKeys.rootKey())) {
      assertEquals(0, keyring.findByName("none", "none").stream().count());
      // That one was to see that a statement on keys would have been noticed.
      List<String> all = counting.statements();
      assertEquals(1, all.stream().filter(sql -> sql.contains("kms_key")).count());
      return new Start(all.subList(0, all.size() - 1), counting.rows());
    }
  }
}
