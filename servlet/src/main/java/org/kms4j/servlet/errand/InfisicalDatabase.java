package org.kms4j.servlet.errand;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.kms4j.key.KeyState;
import org.kms4j.store.Database;
import org.kms4j.store.Session;

/**
 * The tables of an Infisical server that hold keys, read and never written: {@code
 * kms_root_config}, {@code kms_keys}, {@code internal_kms}, {@code internal_kms_key_version} and
 * {@code projects}, of releases since October 2024.
 *
 * <p>Columns that came later are asked for through {@code to_jsonb}, which has none where there is
 * none. A version table holds the versions before the current one, or, since a later release, all.
 *
 * <p>For use by one thread. Closing it ends the connections.
 */
final class InfisicalDatabase implements AutoCloseable {
  private static final String PREFIX = "jdbc:postgresql:";

  /** The row of this id, 0, is the one in force: it sorts first. */
  private static final String ROOTS =
      "SELECT \"encryptedRootKey\", to_jsonb(r) ->> 'encryptionStrategy'"
          + " FROM kms_root_config r ORDER BY id";

  private static final String CUSTOMERS =
      "\"projectId\" IS NOT NULL AND \"isReserved\" IS NOT TRUE";

  private static final String KEYS =
      "SELECT k.id::text, k.\"projectId\", p.name,"
          + " COALESCE(to_jsonb(k) ->> 'name', to_jsonb(k) ->> 'slug'),"
          + " COALESCE(k.description, ''), k.\"isDisabled\" IS TRUE,"
          + " COALESCE(to_jsonb(k) ->> 'isExportable', 'true'),"
          + " COALESCE(i.\"encryptionAlgorithm\", ''), COALESCE(i.version, 0), i.\"encryptedKey\","
          + " COALESCE(v.version, 0), v.\"encryptedKey\""
          + " FROM kms_keys k"
          + " JOIN projects p ON p.id = k.\"projectId\""
          + " LEFT JOIN internal_kms i ON i.\"kmsKeyId\" = k.id"
          + " LEFT JOIN internal_kms_key_version v ON v.\"internalKmsId\" = i.id"
          + " WHERE "
          + CUSTOMERS
          + " ORDER BY k.\"projectId\", 4, k.id";

  private static final String OTHERS =
      "SELECT COUNT(*) FROM kms_keys WHERE NOT (" + CUSTOMERS + ")";

  private final Database database;

  private InfisicalDatabase(Database database) {
    this.database = database;
  }

  /** Opens the database of this JDBC URL. */
  static InfisicalDatabase open(String url) {
    if (!url.startsWith(PREFIX)) {
      throw new IllegalArgumentException("--from wants a " + PREFIX + "//… URL");
    }
    return new InfisicalDatabase(Database.open(url));
  }

  /** A key as it is kept there. */
  static final class Row {
    final UUID keyId;
    final String project;
    final String projectName;
    final String name;
    final String description;
    final KeyState state;
    final boolean exportable;
    final String algorithm;

    /** 0 if there is no material. */
    final int current;

    /** Wrapped, by their version. */
    final SortedMap<Integer, byte[]> versions = new TreeMap<>();

    private Row(ResultSet row) throws SQLException {
      this.keyId = UUID.fromString(row.getString(1));
      this.project = row.getString(2);
      this.projectName = row.getString(3);
      this.name = row.getString(4);
      this.description = row.getString(5);
      this.state = row.getBoolean(6) ? KeyState.DISABLED : KeyState.ENABLED;
      this.exportable = row.getString(7).equals("true");
      this.algorithm = row.getString(8);
      this.current = row.getInt(9);
    }

    private void addVersions(ResultSet row) throws SQLException {
      int version = row.getInt(11);
      Optional.ofNullable(row.getBytes(12)).ifPresent(wrap -> versions.put(version, wrap));
      Optional.ofNullable(row.getBytes(10)).ifPresent(wrap -> versions.put(current, wrap));
    }
  }

  /** The root key's wraps, the one in force first; those that lie in an HSM are left out. */
  List<byte[]> wrappedRootKeys() {
    List<byte[]> wraps = new ArrayList<>();
    for (Optional<byte[]> wrap : database.read(s -> s.all(ROOTS, InfisicalDatabase::software))) {
      wrap.ifPresent(wraps::add);
    }
    if (wraps.isEmpty()) {
      throw new IllegalArgumentException(
          "this database has no root key that an ENCRYPTION_KEY could open: it is in an HSM, or"
              + " the server never ran");
    }
    return wraps;
  }

  private static Optional<byte[]> software(ResultSet row) throws SQLException {
    String strategy = Optional.ofNullable(row.getString(2)).orElse("SOFTWARE");
    return strategy.equals("SOFTWARE") ? Optional.of(row.getBytes(1)) : Optional.empty();
  }

  /** All keys of customers, as one moment had them. */
  List<Row> keys() {
    return database.read(InfisicalDatabase::keys);
  }

  private static List<Row> keys(Session session) throws SQLException {
    Map<UUID, Row> keys = new LinkedHashMap<>();
    session.all(
        KEYS,
        row -> {
          Row key = new Row(row);
          keys.putIfAbsent(key.keyId, key);
          keys.getOrDefault(key.keyId, key).addVersions(row);
          return key.keyId;
        });
    return List.copyOf(keys.values());
  }

  /** How many keys are Infisical's own: they encrypt what else its database holds. */
  long others() {
    return database.read(session -> session.one(OTHERS, row -> row.getLong(1)).orElse(0L));
  }

  @Override
  public void close() {
    database.close();
  }
}
