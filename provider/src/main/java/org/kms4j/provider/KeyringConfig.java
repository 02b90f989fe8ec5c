package org.kms4j.provider;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.kms4j.aead.IvSource;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.FileRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.JdbcStore;

/**
 * From settings to an open keyring; the one switch over stores and root keys.
 *
 * <p>A setting comes from {@code <home>/kms.properties}, then the system properties {@code kms.*},
 * then the environment ({@code kms.root} is {@code KMS_ROOT}, {@code kms.http.port} is {@code
 * KMS_HTTP_PORT}), then the caller; later ones win. Letter case does not count. An unknown setting
 * is refused by name. The settings {@code kms.http.*} belong to the server and are of no concern
 * here.
 *
 * <table>
 *   <caption>Settings</caption>
 *   <tr><td>{@code kms.store}<td>JDBC URL: {@code jdbc:sqlite:<file>}, if absent that of {@code
 *       <home>/kms.db}, or {@code jdbc:postgresql://<host>/<database>?user=…}
 *   <tr><td>{@code kms.root}<td>{@code file:<path>} or {@code env:<variable>}; if absent {@code
 *       env:KMS_ROOT_KEY} where that variable is set, else {@code file:<home>/root.key}
 *   <tr><td>{@code kms.seal.limit}<td>how many messages one version of an aes-*-gcm key may seal,
 *       from 1 to {@link SealLimit#MAX_SEALS}; 2147483648 if absent
 *   <tr><td>{@code kms.seal.rotate}<td>{@code true} (if absent) or {@code false}: whether such a key
 *       then rotates by itself
 *   <tr><td>{@code kms.lease}<td>for how many seconds a process acts on what it remembers without a
 *       word from the store, from 2 to 3600; 30 if absent
 *   <tr><td>{@code kms.engine}<td>what computes AES-GCM: {@code sunjce}, which is also taken if
 *       absent, {@code accp} or {@code conscrypt} ({@link AesEngine})
 *   <tr><td>{@code kms.poll}<td>milliseconds from one question to the store, whether another process
 *       has changed it, to the next; from 10 to 800, 200 if absent. No promise depends on it: where
 *       the store cannot call ({@code NOTIFY}), others hear of a change after so long
 * </table>
 *
 * <p>Immutable.
 */
public final class KeyringConfig {
  /** Settings with this prefix belong to the server. */
  public static final String SERVER_PREFIX = "kms.http.";

  static final String STORE = "kms.store";
  static final String ROOT = "kms.root";
  static final String SEAL_LIMIT = "kms.seal.limit";
  static final String SEAL_ROTATE = "kms.seal.rotate";
  static final String LEASE = "kms.lease";
  static final String ENGINE = "kms.engine";
  static final String POLL = "kms.poll";

  private static final String PREFIX = "kms.";
  private static final String ENVIRONMENT_PREFIX = "KMS_";

  /** Holds the root key itself, so it is no setting. */
  private static final String ROOT_KEY_VARIABLE = "KMS_ROOT_KEY";

  private static final Set<String> NAMES =
      Set.of(STORE, ROOT, SEAL_LIMIT, SEAL_ROTATE, LEASE, ENGINE, POLL);

  /** Says where the settings are, so it is none. */
  private static final Set<String> NO_SETTINGS = Set.of("kms.home", "kms.shared");

  private final Path home;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final SealLimit sealLimit;
  private final Pace pace;

  private KeyringConfig(Path home, Map<String, String> settings, Map<String, String> environment) {
    this.home = home;
    this.settings = settings;
    this.environment = environment;
    this.sealLimit = sealLimit(settings);
    this.pace = new Pace(poll(settings), lease(settings));
  }

  /**
   * Reads the settings of a home folder, or of a properties file whose folder is the home.
   *
   * @throws IllegalArgumentException if there is neither, or a setting is unknown or has a bad
   *     value
   */
  public static KeyringConfig load(Path homeOrFile) {
    return load(homeOrFile, Map.of());
  }

  /** The same with settings of the caller's, which win over all others. */
  public static KeyringConfig load(Path homeOrFile, Map<String, String> own) {
    return load(homeOrFile, own, System.getProperties(), System.getenv());
  }

  static KeyringConfig load(
      Path homeOrFile,
      Map<String, String> own,
      Properties system,
      Map<String, String> environment) {
    Path path = homeOrFile.toAbsolutePath().normalize();
    boolean folder = Files.isDirectory(path);
    if (!folder && !Files.isRegularFile(path)) {
      throw new IllegalArgumentException("there is no folder or properties file " + path);
    }
    Path home = folder ? path : path.resolveSibling("");
    Path file = folder ? path.resolve("kms.properties") : path;
    Map<String, String> all = new TreeMap<>();
    put(all, read(file), "in " + file);
    Map<String, String> fromSystem = new TreeMap<>();
    for (String name : system.stringPropertyNames()) {
      if (name.startsWith(PREFIX) && !NO_SETTINGS.contains(name)) {
        fromSystem.put(name, system.getProperty(name));
      }
    }
    put(all, fromSystem, "among the system properties");
    put(all, fromEnvironment(environment), "in the environment (KMS_…)");
    put(all, own, "given");
    return new KeyringConfig(home, Map.copyOf(all), environment);
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
    }
    Map<String, String> settings = new TreeMap<>();
    properties.stringPropertyNames().forEach(n -> settings.put(n, properties.getProperty(n)));
    return settings;
  }

  private static Map<String, String> fromEnvironment(Map<String, String> environment) {
    Map<String, String> settings = new TreeMap<>();
    environment.forEach(
        (variable, value) -> {
          String name = variable.toLowerCase(Locale.ROOT).replace('_', '.');
          boolean setting = variable.startsWith(ENVIRONMENT_PREFIX) && !NO_SETTINGS.contains(name);
          if (setting && !variable.equals(ROOT_KEY_VARIABLE) && !ofKubernetes(variable)) {
            settings.put(name, value);
          }
        });
    return settings;
  }

  /** Kubernetes sets these in every pod beside a service that is named "kms". */
  private static boolean ofKubernetes(String variable) {
    return variable.startsWith("KMS_SERVICE_")
        || variable.equals("KMS_PORT")
        || variable.startsWith("KMS_PORT_");
  }

  private static void put(Map<String, String> all, Map<String, String> some, String where) {
    some.forEach(
        (given, value) -> {
          String name = given.toLowerCase(Locale.ROOT);
          if (!NAMES.contains(name) && !name.startsWith(SERVER_PREFIX)) {
            throw new IllegalArgumentException("unknown setting '" + given + "' " + where);
          }
          all.put(name, value.strip());
        });
  }

  private static SealLimit sealLimit(Map<String, String> settings) {
    String rotates = settings.getOrDefault(SEAL_ROTATE, "" + SealLimit.DEFAULT.rotates());
    if (!rotates.equals("true") && !rotates.equals("false")) {
      throw new IllegalArgumentException(
          SEAL_ROTATE + " is neither true nor false: '" + rotates + "'");
    }
    long seals = number(settings, SEAL_LIMIT, 1, SealLimit.MAX_SEALS, SealLimit.DEFAULT.seals());
    return new SealLimit(seals, rotates.equals("true"));
  }

  private static Duration poll(Map<String, String> settings) {
    return Duration.ofMillis(
        number(
            settings,
            POLL,
            EpochWatch.MIN_INTERVAL.toMillis(),
            EpochWatch.MAX_INTERVAL.toMillis(),
            EpochWatch.INTERVAL.toMillis()));
  }

  private static long number(
      Map<String, String> settings, String name, long least, long most, long absent) {
    String text = settings.getOrDefault(name, "" + absent);
    if (!text.matches("[0-9]{1,10}")
        || Long.parseLong(text) < least
        || Long.parseLong(text) > most) {
      throw new IllegalArgumentException(
          "%s is not a whole number from %d to %d: '%s'".formatted(name, least, most, text));
    }
    return Long.parseLong(text);
  }

  private static Duration lease(Map<String, String> settings) {
    return Duration.ofSeconds(
        number(
            settings,
            LEASE,
            NodeLease.SHORTEST.toSeconds(),
            NodeLease.LONGEST.toSeconds(),
            NodeLease.DEFAULT.toSeconds()));
  }

  /** The folder that relative paths of settings start from. */
  public Path home() {
    return home;
  }

  /** How often a store is asked whether it has changed: {@code kms.poll}. */
  public Duration poll() {
    return pace.poll();
  }

  /** How long one acts on what is remembered while the store does not answer: {@code kms.lease}. */
  public Duration lease() {
    return pace.lease();
  }

  /** The settings {@code kms.http.*}, by full name in small letters. */
  public Map<String, String> serverSettings() {
    Map<String, String> server = new TreeMap<>(settings);
    server.keySet().removeIf(name -> !name.startsWith(SERVER_PREFIX));
    return server;
  }

  /** Where the keys are, {@code kms.store}; may have a password among its parameters. */
  public String storeUrl() {
    return settings.getOrDefault(STORE, fileUrl());
  }

  /** The file of the home, which has the keys unless {@code kms.store} says otherwise. */
  public String fileUrl() {
    return "jdbc:sqlite:" + home.resolve("kms.db");
  }

  /**
   * Makes sure that the settings name the root key of the keys in this database; makes none.
   *
   * @throws RootKeyException if they name another, or one that is not there
   */
  public void requireRootKey(Database database) {
    Optional<String> wanted = JdbcStore.open(database).rootKeyId();
    try (RootKey given = openRootKey(wanted)) {
      KeyLoader.requireRootKey(wanted.orElse(given.id()), given);
    }
  }

  /** Opens the database of {@code kms.store}, which the caller closes. */
  public Database openDatabase() {
    return Database.open(storeUrl());
  }

  /**
   * Opens the keyring over a database, which stays the caller's. Where {@code kms.root} names a
   * file that is not there, and the store is new, a root key is made.
   */
  public Keyring open(Database database) {
    AesEngine engine = AesEngine.of(settings.getOrDefault(ENGINE, AesEngine.SUN_JCE.text()));
    JdbcStore store = JdbcStore.open(database);
    RootKey rootKey = openRootKey(store.rootKeyId());
    try {
      return Keyring.open(
          store, rootKey, engine, sealLimit, pace, Clock.systemUTC(), new IvSource());
    } catch (RuntimeException e) {
      rootKey.close();
      throw e;
    }
  }

  /** Opens the keyring with a database of its own, for as long as the JVM lives. */
  public Keyring open() {
    Database database = openDatabase();
    try {
      return open(database);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private RootKey openRootKey(Optional<String> wanted) {
    String root =
        settings.getOrDefault(
            ROOT,
            environment.containsKey(ROOT_KEY_VARIABLE)
                ? "env:" + ROOT_KEY_VARIABLE
                : "file:root.key");
    if (root.startsWith("env:")) {
      return EnvironmentRootKey.load(root.substring("env:".length()), environment);
    }
    if (root.startsWith("file:")) {
      return fromFile(rootKeyFile(root.substring("file:".length())), wanted);
    }
    throw new IllegalArgumentException("kms.root is neither file:<path> nor env:<variable>");
  }

  private Path rootKeyFile(String path) {
    try {
      return home.resolve(path);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("kms.root names no file: " + e.getMessage(), e);
    }
  }

  /**
   * A new root key for a new store alone: beside an old one it would only hide that one is lost.
   */
  private static RootKey fromFile(Path file, Optional<String> wanted) {
    if (wanted.isEmpty()) {
      return FileRootKey.loadOrCreate(file);
    }
    if (!Files.exists(file)) {
      throw new RootKeyException(
          "there is no root key file " + file + "; the store wants root key " + wanted.get());
    }
    return FileRootKey.load(file);
  }
}
