package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.KeyException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.Map;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;

/**
 * A store of many keys, of which one is real: the material of the others does not unwrap, so that
 * who reads it is caught.
 */
final class CopiedKeys {
  /** The name of the one; those of the others are this and a number. */
  static final String FIRST = "first";

  private static final String MORE_KEYS =
      "INSERT INTO kms_key (key_id, project, name, description, algorithm, state, exportable,"
          + " primary_version, created_at, updated_at)"
          + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
          + " SELECT SUBSTR(k.key_id, 1, 28) || (10000000 + n.i), k.project, k.name || n.i,"
          + " k.description, k.algorithm, k.state, k.exportable, k.primary_version, k.created_at,"
          + " k.updated_at FROM kms_key k, n";

  private static final String THEIR_VERSIONS =
      "INSERT INTO kms_key_version (key_id, version, root_key_id, material, created_at)"
          + " SELECT k.key_id, v.version, v.root_key_id, v.material, v.created_at"
          + " FROM kms_key k, kms_key_version v WHERE k.key_id <> v.key_id";

  private CopiedKeys() {}

  static RootKey rootKey() {
    String root = Base64.getEncoder().encodeToString(new byte[32]);
    return EnvironmentRootKey.load("KEY", Map.of("KEY", root));
  }

  /** Fills an empty store, and tells the database what it has now. */
  static void fill(String url, int keys) throws KeyException, SQLException {
    try (Database database = Database.open(url);
        Keyring keyring = Keyring.open(JdbcStore.open(database), rootKey())) {
      keyring.create(FIRST, KeyAlgorithm.AES_256_GCM);
    }
    // A connection of its own: a very large statement may take longer than those of a store.
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(MORE_KEYS.formatted(keys - 1));
      assertEquals(keys - 1, statement.executeUpdate(THEIR_VERSIONS));
      statement.executeUpdate("ANALYZE");
    }
  }
}
