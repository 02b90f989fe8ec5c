package org.kms4j.servlet.errand;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.store.Database;
import org.kms4j.store.Session;

/** A home with a row or more in every table that moves, and another with its root key alone. */
abstract class MigrateCase extends HomeCase {
  /** More than two batches of rows. */
  static final int MANY = 2 * TableCopy.BATCH + 1;

  UUID orders = KEY_ID;

  @BeforeEach
  void fill() throws Exception {
    try (OpenHome home = open(here)) {
      orders = create(home, "orders", KeyAlgorithm.AES_256_GCM, true).id();
      home.keyring().rotate(orders);
      home.keyring().rotate(orders);
      seal(home, orders);
      create(home, "macs", KeyAlgorithm.HMAC_SHA_256, false);
      create(home, "signs", KeyAlgorithm.ECC_NIST_P256, false);
      UUID off = create(home, "off", KeyAlgorithm.XAES_256_GCM, false).id();
      home.keyring().disable(off);
      home.keyring()
          .create(
              NewKeySpec.of("тест 'x'", KeyAlgorithm.AES_128_GCM)
                  .inProject("other")
                  .withStrict(false));
    }
    try (Database database = Database.open(url(here))) {
      database.writeDistinct(MigrateCase::fillAuth);
    }
    Files.copy(here.resolve("root.key"), there.resolve("root.key"));
  }

  private static int fillAuth(Session session) throws SQLException {
    session.update("INSERT INTO auth_organisation VALUES (1, 'org', 5)");
    for (int i = 0; i < 3; i++) {
      session.update(
          "INSERT INTO auth_project (project_id, name, created_at, updated_at, slug)"
              + " VALUES (?, 'p', 1, 2, ?)",
          "project" + i,
          "slug" + i);
    }
    for (int i = 0; i < MANY; i++) {
      String id = "identity%05d".formatted(i);
      session.update(
          "INSERT INTO auth_identity (identity_id, name, created_at, updated_at) VALUES (?, 'i', 1, 2)",
          id);
      session.update("INSERT INTO auth_revoked_token VALUES (?, 9223372036854775807)", "token" + i);
      for (int p = 0; p < 3; p++) {
        session.update(
            "INSERT INTO auth_membership VALUES (?, ?, 'admin', 1, 2)", id, "project" + p);
      }
    }
    session.update(
        "INSERT INTO auth_universal (identity_id, client_id, token_ttl_seconds,"
            + " token_max_ttl_seconds, wrong_secrets, last_wrong_at, locked_until, created_at,"
            + " updated_at) VALUES ('identity00000', 'client', 1, 2, 3, 4, 5, 6, 7)");
    session.update(
        "INSERT INTO auth_client_secret (client_secret_id, identity_id, sha256, prefix, uses,"
            + " max_uses, expires_at, revoked, created_at, updated_at)"
            + " VALUES ('secret', 'identity00000', ?, 'abcd', 1, 2, 3, 0, 5, 6)",
        (Object) new byte[32]);
    return session.update("INSERT INTO auth_counted_token VALUES ('counted', 1, 2, 3)");
  }

  static String url(Path home) {
    return "jdbc:sqlite:" + home.resolve("kms.db");
  }

  static Migrate migrate(Object from, Object to) {
    return new Migrate(from.toString(), to.toString(), Optional.empty());
  }

  /** The folder is of no concern. */
  List<String> run(Migrate errand) {
    return run(errand, folder);
  }

  List<String> refusal(Migrate errand) {
    return refusal(errand, folder);
  }

  /** A home whose keys are in another place. */
  static OpenHome open(Path home, String url) {
    return OpenHome.open(home, Map.of("kms.store", url));
  }

  /** All rows that move, as text; none where there are no tables. */
  static List<String> rows(String url) {
    try (Database database = Database.open(url)) {
      return database.read(
          session -> {
            List<String> rows = new ArrayList<>();
            for (MovedTable table : MovedTable.ALL) {
              String query = "SELECT * FROM " + table.table();
              rows.addAll(
                  session.all(query, row -> table.table() + text(row)).stream().sorted().toList());
            }
            return rows;
          });
    }
  }

  private static String text(ResultSet row) throws SQLException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      Object value = row.getObject(i);
      text.append(' ').append(row.getMetaData().getColumnName(i)).append('=');
      text.append(value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value);
    }
    return text.toString();
  }

  static int change(String url, String sql, Object... values) {
    try (Database database = Database.open(url)) {
      return database.writeDistinct(session -> session.update(sql, values));
    }
  }
}
