package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;

/**
 * What a store of very many keys costs, as a table: to start, create, find by id and by name, list
 * near the front and far behind, seal with a key that is not in memory.
 *
 * <p>{@code StoreScale <jdbc url> <keys>}; fills the store first, if it has fewer keys. Those are
 * copies of one key under other ids and names, good for everything but to be used; the last
 * thousand are real. For measurements alone: its root key is all zero.
 */
public final class StoreScale {
  private static final int REAL = 1_000;
  private static final int BATCH = 1_000;
  private static final int PAGE = 100;
  private static final int FAR = 5_000;
  private static final int LISTS = 7;

  private static final String TEMPLATE = "template";
  private static final String REAL_NAME = "real-";

  private static final String KEY_ROW =
      "INSERT INTO kms_key (key_id, project, name, description, algorithm, state, exportable,"
          + " primary_version, created_at, updated_at) SELECT ?, project, ?, description,"
          + " algorithm, state, exportable, primary_version, created_at, updated_at"
          + " FROM kms_key WHERE key_id = ?";

  private static final String VERSION_ROW =
      "INSERT INTO kms_key_version (key_id, version, root_key_id, material, created_at)"
          + " SELECT ?, version, root_key_id, material, created_at"
          + " FROM kms_key_version WHERE key_id = ?";

  private final String url;
  private final int keys;

  private StoreScale(String url, int keys) {
    this.url = url;
    this.keys = keys;
  }

  public static void main(String[] args) throws Exception {
    new StoreScale(args[0], Integer.parseInt(args[1])).run();
  }

  private static final class Opened implements AutoCloseable {
    private final Database database;
    private final Keyring keyring;

    private Opened(String url) {
      database = Database.open(url);
      String root = Base64.getEncoder().encodeToString(new byte[32]);
      keyring =
          Keyring.open(
              JdbcStore.open(database), EnvironmentRootKey.load("ROOT", Map.of("ROOT", root)));
    }

    private int count() {
      return database.read(
          session ->
              session.one("SELECT COUNT(*) FROM kms_key", row -> row.getInt(1)).orElseThrow());
    }

    @Override
    public void close() {
      keyring.close();
      database.close();
    }
  }

  private void run() throws GeneralSecurityException, SQLException {
    fill();
    System.out.printf(Locale.ROOT, "| %,d keys | p50 ms | max ms |%n|---|---|---|%n", keys);
    row("start of a keyring", LISTS, i -> new Opened(url).close());
    List<UUID> real = new ArrayList<>();
    List<String> names = Stream.generate(() -> REAL_NAME + UUID.randomUUID()).limit(REAL).toList();
    try (Opened store = new Opened(url)) {
      row("create", REAL, i -> real.add(create(store, names.get(i))));
    }
    Collections.shuffle(real, new Random(1));
    try (Opened store = new Opened(url)) {
      Keyring keyring = store.keyring;
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
      int half = REAL / 2;
      row("seal, key not in memory", half, i -> seal(cipher, real.get(i)));
      row("get by id, not in memory", half, i -> keyring.describe(real.get(half + i)));
      row("get by id, in memory", half, i -> keyring.describe(real.get(half + i)));
      row("get by name", half, i -> find(keyring, names.get(i)));
      row("list, page 1 of " + PAGE, LISTS, i -> keyring.list(page(1, "")));
      int far = Math.min(FAR, keys / PAGE);
      row("list, page " + far + " of " + PAGE, LISTS, i -> keyring.list(page(far, "")));
      row("list, page 1 of a search", LISTS, i -> keyring.list(page(1, REAL_NAME)));
    }
  }

  private static void find(Keyring keyring, String name) {
    if (keyring.findByName(KeyMetadata.DEFAULT_PROJECT, name).isEmpty()) {
      throw new IllegalStateException("no key " + name);
    }
  }

  private static KeyQuery page(int page, String search) {
    return new KeyQuery(KeyMetadata.DEFAULT_PROJECT, search, false, (page - 1) * PAGE, PAGE);
  }

  private static UUID create(Opened store, String name) throws GeneralSecurityException {
    return store.keyring.create(name, KeyAlgorithm.XAES_256_GCM).id();
  }

  private static void seal(Cipher cipher, UUID key) throws GeneralSecurityException {
    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(key));
    cipher.doFinal(new byte[16]);
  }

  /** What to do for the n-th time. */
  @FunctionalInterface
  private interface Step {
    void run(int number) throws GeneralSecurityException;
  }

  private static void row(String name, int times, Step step) throws GeneralSecurityException {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      step.run(i);
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.1f |%n",
        name,
        nanos[times / 2] / 1e6,
        nanos[times - 1] / 1e6);
  }

  private void fill() throws GeneralSecurityException, SQLException {
    UUID template;
    int missing;
    try (Opened store = new Opened(url)) {
      template =
          store
              .keyring
              .findByName(KeyMetadata.DEFAULT_PROJECT, TEMPLATE)
              .map(KeyMetadata::id)
              .orElseGet(() -> newTemplate(store));
      missing = keys - store.count();
    }
    long began = System.nanoTime();
    try (Connection connection = DriverManager.getConnection(url);
        Statement vacuum = connection.createStatement()) {
      connection.setAutoCommit(false);
      copy(connection, template, missing);
      connection.commit();
      if (missing > 0) {
        System.out.printf(
            Locale.ROOT,
            "filled by %,d in %d s%n",
            missing,
            (System.nanoTime() - began) / 1_000_000_000);
        connection.setAutoCommit(true);
        // What PostgreSQL does by itself within minutes; SQLite knows it as well.
        vacuum.execute(url.contains("postgresql") ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint");
      }
    }
  }

  private static UUID newTemplate(Opened store) {
    try {
      return create(store, TEMPLATE);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(Connection connection, UUID template, int count) throws SQLException {
    try (PreparedStatement key = connection.prepareStatement(KEY_ROW);
        PreparedStatement version = connection.prepareStatement(VERSION_ROW)) {
      for (int left = count; left > 0; left -= BATCH) {
        for (int i = 0; i < Math.min(BATCH, left); i++) {
          String id = UUID.randomUUID().toString();
          key.setString(1, id);
          key.setString(2, id);
          key.setString(3, template.toString());
          key.addBatch();
          version.setString(1, id);
          version.setString(2, template.toString());
          version.addBatch();
        }
        key.executeBatch();
        version.executeBatch();
      }
    }
  }
}
