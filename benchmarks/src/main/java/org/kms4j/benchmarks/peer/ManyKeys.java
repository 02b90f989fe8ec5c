package org.kms4j.benchmarks.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.WrappedKey;
import org.kms4j.provider.KmsKey;
import org.kms4j.root.FileRootKey;
import org.kms4j.root.RootKey;

/**
 * A home with very many keys, each with material of its own under the home's root key, so that each
 * can be used.
 *
 * <p>{@code Keyring.create} waits for the disk at every key, which is right and too slow for a
 * million. This copies the rows of one real key in a single transaction, with another id, name and
 * wrap; whatever else a row has is copied with it.
 */
public final class ManyKeys implements AutoCloseable {
  private static final String TEMPLATE = "benchmark-template";

  /** From this number on a home is worth keeping for the next run. */
  private static final int WORTH_KEEPING = 100_000;

  private static final int BATCH = 1_000;

  private final Home home;
  private final KmsKey[] keys;

  private ManyKeys(Home home, KmsKey[] keys) {
    this.home = home;
    this.keys = keys;
  }

  /**
   * Opens a home with this many keys; a large one is kept beside the program (in the build folder)
   * and found there by the next run.
   */
  public static ManyKeys open(int count) {
    try {
      if (count < WORTH_KEEPING) {
        return new ManyKeys(filled(Home.temporary(), count));
      }
      Path folder = buildFolder().resolve("home-of-" + count + "-keys");
      if (!Files.exists(folder)) {
        Path unfinished = Files.createTempDirectory(buildFolder(), "unfinished-home");
        filled(Home.at(unfinished), count).close();
        Files.move(unfinished, folder);
      }
      return new ManyKeys(Home.at(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ManyKeys(Home home) {
    this(home, handles(home));
  }

  public Home home() {
    return home;
  }

  /** A handle of each, in no order. */
  public KmsKey[] keys() {
    return keys.clone();
  }

  @Override
  public void close() {
    home.close();
  }

  private static Path buildFolder() {
    try {
      Path program =
          Path.of(ManyKeys.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return program.resolveSibling("");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KmsKey[] handles(Home home) {
    return home.database()
        .read(
            session ->
                session.all(
                    "SELECT key_id FROM kms_key WHERE name <> ?",
                    row -> KmsKey.of(UUID.fromString(row.getString(1))),
                    TEMPLATE))
        .toArray(new KmsKey[0]);
  }

  private static Home filled(Home home, int count) {
    KeyMetadata template;
    try {
      template = home.keyring().create(TEMPLATE, KeyAlgorithm.AES_256_GCM);
    } catch (KeyException e) {
      throw new IllegalStateException(e);
    }
    // One that first reads could not write once the home's keyring has renewed its lease.
    String url = "jdbc:sqlite:" + home.folder().resolve("kms.db") + "?transaction_mode=IMMEDIATE";
    try (RootKey root = FileRootKey.load(home.folder().resolve("root.key"));
        Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      copy(connection, template, root, count);
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return home;
  }

  /**
   * Adds copies of a key to its store, within the transaction of the connection; the name of each
   * is its id.
   *
   * @param root the store's root key
   */
  public static void copy(Connection connection, KeyMetadata template, RootKey root, int count)
      throws SQLException {
    SecureRandom random = new SecureRandom();
    byte[] material = new byte[template.algorithm().materialBytes()];
    try (PreparedStatement key = copyOf(connection, "kms_key", List.of("key_id", "name"));
        PreparedStatement version =
            copyOf(connection, "kms_key_version", List.of("key_id", "material"))) {
      for (int i = 1; i <= count; i++) {
        random.nextBytes(material);
        UUID keyId = UUID.randomUUID();
        byte[] aad = WrappedKey.aad(withId(template, keyId), 1, root.id());
        add(key, keyId, keyId.toString(), template.id());
        add(version, keyId, root.wrap(material, aad), template.id());
        if (i % BATCH == 0 || i == count) {
          key.executeBatch();
          version.executeBatch();
        }
      }
    }
  }

  private static void add(PreparedStatement copy, UUID keyId, Object second, UUID template)
      throws SQLException {
    copy.setString(1, keyId.toString());
    copy.setObject(2, second);
    copy.setString(3, template.toString());
    copy.addBatch();
  }

  /** Copies a row that the key id names last, with new values for some columns. */
  private static PreparedStatement copyOf(Connection connection, String table, List<String> changed)
      throws SQLException {
    List<String> same = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM " + table + " WHERE 1 = 0")) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        same.add(columns.getColumnName(i));
      }
    }
    same.removeAll(changed);
    String others = String.join(", ", same);
    return connection.prepareStatement(
        "INSERT INTO %s (%s, %s) SELECT ?, ?, %s FROM %s WHERE key_id = ?"
            .formatted(table, String.join(", ", changed), others, others, table));
  }

  private static KeyMetadata withId(KeyMetadata key, UUID keyId) {
    return new KeyMetadata(
        keyId,
        key.project(),
        key.name(),
        key.description(),
        key.algorithm(),
        key.state(),
        key.exportable(),
        key.primaryVersion(),
        key.createdAt(),
        key.updatedAt());
  }
}
