package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;

class WarmPathTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
  private static final int KEYS = 5_000;
  private static final int CALLS = 1_000;
  private static final int ROUNDS = 5;
  private static final String SIGN =
      "{\"data\":\"aGVsbG8=\",\"signingAlgorithm\":\"ECDSA_SHA_256\"}";
  private static final String MAC = "{\"data\":\"aGVsbG8=\"}";

  /** What the server reads of keys whose number does not matter: its own signing key. */
  private static final int FEW_ROWS = 20;

  private static final String MORE_KEYS =
      "INSERT INTO kms_key (key_id, project, name, description, algorithm, state, exportable,"
          + " primary_version, created_at, updated_at)"
          + " SELECT gen_random_uuid(), project, name || n, description, algorithm, state,"
          + " exportable, primary_version, created_at, updated_at"
          + " FROM kms_key, generate_series(1, %d) n WHERE name = 'first'";

  private static final String THEIR_VERSIONS =
      "INSERT INTO kms_key_version (key_id, version, root_key_id, material, created_at)"
          + " SELECT k.key_id, v.version, v.root_key_id, v.material, v.created_at"
          + " FROM kms_key_version v JOIN kms_key f ON f.key_id = v.key_id AND f.name = 'first',"
          + " kms_key k WHERE k.name LIKE 'first_%'";

  private static final String ROWS_READ =
      "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables"
          + " WHERE schemaname = current_schema() AND relname IN ('kms_key', 'kms_key_version')";

  private static final String AT_WORK =
      "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'many keys'";

  @Test
  void aWarmEncryptNeedsNoDatabaseAndAStaleOneFails(@TempDir Path home) throws Exception {
    assertWarmNeedsNoDatabase(home, "jdbc:sqlite:" + home.resolve("kms.db"));
  }

  private static void assertWarmNeedsNoDatabase(Path home, String store) throws Exception {
    try (EmbeddedServer server = start(home, store)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("warm", "aes-256-gcm");
      String sealed = admin.seal(keyId, TEXT);
      admin.open(keyId, sealed);

      server.server().database().close();

      // Any question to the database now throws; what was confirmed a moment ago still holds.
      for (int i = 0; i < 20; i++) {
        admin.encrypt(keyId, TEXT).ok();
      }
      assertArrayEquals(TEXT, admin.open(keyId, sealed));

      long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      ApiClient.Answer last = admin.encrypt(keyId, TEXT);
      while (last.status() == 200 && System.nanoTime() < deadline) {
        last = admin.encrypt(keyId, TEXT);
      }
      last.is(500, "InternalServerError", "Something went wrong");
      assertEquals(4, last.body().size());
    }
  }

  @Test
  void warmCallsSendNothingToPostgreSql(@TempDir Path home) throws Exception {
    String store =
        PostgresServer.emptySchema() + "&socketFactory=" + CountingSockets.class.getName();
    try (EmbeddedServer server = start(home, store)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      Keyring keyring = server.server().keyring();
      UUID signs = keyring.create("signs", KeyAlgorithm.ECC_NIST_P256).id();
      UUID macs = keyring.create("macs", KeyAlgorithm.HMAC_SHA_256).id();
      long before = CountingSockets.sent();
      String seals = admin.createKey("seals", "aes-256-gcm");
      assertTrue(CountingSockets.sent() > before, "it counts nothing");

      // The first round finds nothing in memory; a later one may, where the machine was so busy
      // that nobody has watched the store for as long as what is remembered may be used.
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > 0; round++) {
        before = CountingSockets.sent();
        for (int i = 0; i < CALLS; i++) {
          assertArrayEquals(TEXT, admin.open(seals, admin.seal(seals, TEXT)));
        }
        for (int i = 0; i < CALLS / 10; i++) {
          admin.post(ApiClient.KEYS + "/" + signs + "/sign", SIGN).ok();
          admin.post(ApiClient.KEYS + "/" + macs + "/generate-mac", MAC).ok();
        }
        least = Math.min(least, CountingSockets.sent() - before);
      }

      assertEquals(0, least);
    }
  }

  /** By the database's own count of rows that it looked at, not of those that it gave away. */
  @Test
  void aStartOverManyKeysLooksAtFewRowsOfThem(@TempDir Path home) throws Exception {
    String counted = PostgresServer.emptySchema();
    String store = counted + "&ApplicationName=many%20keys";
    try (EmbeddedServer server = start(home, store)) {
      ApiClient.admin(server.url(), home).createKey("first", "aes-256-gcm");
    }
    try (Connection connection = DriverManager.getConnection(store);
        Statement statement = connection.createStatement()) {
      assertEquals(KEYS, statement.executeUpdate(MORE_KEYS.formatted(KEYS)));
      assertEquals(KEYS, statement.executeUpdate(THEIR_VERSIONS));
    }
    long before = rowsRead(counted);

    try (EmbeddedServer server = start(home, store)) {
      assertEquals(200, ApiClient.anonymous(server.url()).get("/api/status").status());
    }
    long start = rowsRead(counted) - before;
    assertTrue(start <= FEW_ROWS, start + " rows");

    try (EmbeddedServer server = start(home, store)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      admin.get(ApiClient.KEYS + "?projectId=" + org.kms4j.key.KeyMetadata.DEFAULT_PROJECT).ok();
    }
    long list = rowsRead(counted) - before - start;
    assertTrue(list > KEYS, "a list counts all keys, yet only " + list + " rows were seen");
  }

  private static EmbeddedServer start(Path home, String store) throws Exception {
    return EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.store", store));
  }

  /** Once all connections of the server are gone: each tells what it did when it ends. */
  private static long rowsRead(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (number(statement, AT_WORK) > 0) {
        assertTrue(System.nanoTime() < deadline, "a connection stays open");
      }
      return number(statement, ROWS_READ);
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      assertTrue(row.next());
      return row.getLong(1);
    }
  }
}
