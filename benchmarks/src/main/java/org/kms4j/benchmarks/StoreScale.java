package org.kms4j.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.kms4j.benchmarks.peer.ManyKeys;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;

/**
 * What a store of very many keys costs, as a table: to start, create, find by id and by name, list
 * near the front and far behind, seal with a key that is not in memory; and what memory a process
 * needs that has used a great many of them.
 *
 * <p>{@code StoreScale <jdbc url> <keys>}; fills the store first, if it has fewer keys, each with
 * material of its own. For measurements alone: its root key is all zero.
 */
public final class StoreScale {
  private static final int REAL = 1_000;
  private static final int PAGE = 100;
  private static final int FAR = 5_000;
  private static final int LISTS = 7;
  private static final int USED = 50_000;

  private static final long SECOND = 1_000_000_000;

  private static final String TEMPLATE = "template";
  private static final String REAL_NAME = "real-";

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
      keyring = Keyring.open(JdbcStore.open(database), rootKey());
    }

    private KeyMetadata template() throws GeneralSecurityException {
      Optional<KeyMetadata> found = keyring.findByName(KeyMetadata.DEFAULT_PROJECT, TEMPLATE);
      return found.isPresent() ? found.get() : keyring.create(TEMPLATE, KeyAlgorithm.XAES_256_GCM);
    }

    private List<UUID> some(int many) {
      return database.read(
          session ->
              session.all(
                  "SELECT key_id FROM kms_key LIMIT ?",
                  row -> UUID.fromString(row.getString(1)),
                  many));
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

  private void run() throws GeneralSecurityException, SQLException, IOException {
    fill();
    times();
    memory();
  }

  private void times() throws GeneralSecurityException {
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
      KeyQuery one = KeyQuery.first(KeyMetadata.DEFAULT_PROJECT, 1);
      row("list, one key: the count", LISTS, i -> keyring.list(one));
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
    KeyMetadata template;
    int missing;
    try (Opened store = new Opened(url)) {
      template = store.template();
      missing = keys - store.count();
    }
    if (missing <= 0) {
      return;
    }
    long began = System.nanoTime();
    try (Connection connection = DriverManager.getConnection(url);
        RootKey root = rootKey();
        Statement vacuum = connection.createStatement()) {
      connection.setAutoCommit(false);
      ManyKeys.copy(connection, template, root, missing);
      connection.commit();
      System.out.printf(
          Locale.ROOT, "filled by %,d in %d s%n", missing, (System.nanoTime() - began) / SECOND);
      connection.setAutoCommit(true);
      // What PostgreSQL does by itself within minutes; SQLite knows it as well.
      vacuum.execute(url.contains("postgresql") ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint");
    }
  }

  private static RootKey rootKey() {
    String root = Base64.getEncoder().encodeToString(new byte[32]);
    return EnvironmentRootKey.load("ROOT", Map.of("ROOT", root));
  }

  /** Of a keyring that has sealed with one key after another. */
  private void memory() throws GeneralSecurityException, IOException {
    try (Opened store = new Opened(url)) {
      List<UUID> used = store.some(USED);
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(store.keyring));
      double before = heapMebibytes();
      for (UUID key : used) {
        seal(cipher, key);
      }
      System.out.printf(
          Locale.ROOT,
          "%nheap before, after %,d keys were used: %.1f, %.1f MiB; resident: %d MiB%n",
          used.size(),
          before,
          heapMebibytes(),
          Resident.mebibytes(ProcessHandle.current().pid()));
    }
  }

  /** What is left after a collection. */
  private static double heapMebibytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed() / (double) (1 << 20);
  }
}
