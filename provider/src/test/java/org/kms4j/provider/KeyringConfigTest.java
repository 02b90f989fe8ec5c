package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.SealLimitException;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.Node;
import org.kms4j.store.StoreException;

class KeyringConfigTest {
  private static final String ZEROS = Base64.getEncoder().encodeToString(new byte[32]);
  private static final Map<String, String> NONE = Map.of();

  private final Properties system = new Properties();
  private Path home;

  @BeforeEach
  void in(@TempDir Path home) {
    this.home = home;
  }

  private KeyringConfig load(Map<String, String> own, Map<String, String> environment) {
    return KeyringConfig.load(home, own, system, environment);
  }

  private void file(String text) throws IOException {
    Files.writeString(home.resolve("kms.properties"), text);
  }

  /** Opens, makes a key, and closes all that was opened. */
  private static UUID create(KeyringConfig config) throws Exception {
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      return keyring.create("", KeyAlgorithm.AES_256_GCM).id();
    }
  }

  private static int version(KeyringConfig config, UUID id) throws Exception {
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      return keyring.describe(id).primaryVersion();
    }
  }

  @Nested
  class Settings {
    @Test
    void laterSourceWins() throws Exception {
      file("kms.http.a = file\nkms.http.b = file\nkms.http.c=file\nkms.http.d=file\n");
      system.setProperty("kms.http.b", "system");
      system.setProperty("kms.http.c", "system");
      system.setProperty("kms.http.d", "system");
      Map<String, String> environment =
          Map.of("KMS_HTTP_C", "environment", "KMS_HTTP_D", "environment", "PATH", "/bin");

      Map<String, String> found = load(Map.of("kms.http.d", " own "), environment).serverSettings();

      assertEquals(
          Map.of(
              "kms.http.a", "file",
              "kms.http.b", "system",
              "kms.http.c", "environment",
              "kms.http.d", "own"),
          found);
    }

    @Test
    void unknownOnesAreNamedWithTheirPlace() throws Exception {
      assertUnknown("kms.stroe", "given", Map.of("kms.stroe", "x"), NONE);
      assertUnknown("kms.stor", "environment", NONE, Map.of("KMS_STOR", "x"));
      system.setProperty("kms.rot", "x");
      assertUnknown("kms.rot", "system properties", NONE, NONE);
      system.clear();
      file("store=x\n");
      assertUnknown("store", "kms.properties", NONE, NONE);
    }

    private void assertUnknown(
        String name, String place, Map<String, String> own, Map<String, String> environment) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> load(own, environment));

      String message = KmsFixture.message(e);
      assertTrue(message.contains("'" + name + "'") && message.contains(place), message);
    }

    @Test
    void letterCaseDoesNotCountSinceTheEnvironmentKnowsNone() {
      Map<String, String> environment = Map.of("KMS_HTTP_ALLOWEDORIGINS", "environment");

      assertEquals(
          Map.of("kms.http.allowedorigins", "environment"),
          load(NONE, environment).serverSettings());
      assertEquals(
          Map.of("kms.http.allowedorigins", "own"),
          load(Map.of("kms.http.allowedOrigins", "own"), environment).serverSettings());
    }

    @Test
    void thoseOfTheServerPassAndTheRestIsNotTheServers() {
      Map<String, String> own =
          Map.of("kms.http.port", "0", "kms.root", "env:X", "kms.store", "jdbc:sqlite:x");

      assertEquals(Map.of("kms.http.port", "0"), load(own, NONE).serverSettings());
    }

    @Test
    void variablesOfKubernetesAreIgnored() {
      Map<String, String> pod =
          Map.of(
              "KMS_SERVICE_HOST", "10.0.0.1",
              "KMS_SERVICE_PORT", "80",
              "KMS_SERVICE_PORT_HTTP", "80",
              "KMS_PORT", "tcp://10.0.0.1:80",
              "KMS_PORT_80_TCP", "tcp://10.0.0.1:80",
              "KMS_PORT_80_TCP_ADDR", "10.0.0.1");

      assertEquals(NONE, load(NONE, pod).serverSettings());
    }

    @Test
    void unreadableFileAndMissingHomeAreNamed() throws Exception {
      file("kms.root=\\u00zz\n");

      IllegalArgumentException unreadable =
          assertThrows(IllegalArgumentException.class, () -> load(NONE, NONE));
      IllegalArgumentException missing =
          assertThrows(
              IllegalArgumentException.class, () -> KeyringConfig.load(home.resolve("none")));

      assertTrue(KmsFixture.message(unreadable).contains("kms.properties"));
      assertTrue(KmsFixture.message(missing).contains("none"));
    }

    @Test
    void fileOfAnyNameMakesItsFolderTheHome() throws Exception {
      Path file = Files.writeString(home.resolve("other.properties"), "kms.http.port=1\n");

      KeyringConfig config = KeyringConfig.load(file, NONE, system, NONE);

      assertEquals(home, config.home());
      assertEquals(Map.of("kms.http.port", "1"), config.serverSettings());
    }
  }

  @Nested
  class Poll {
    private static final int CHANGES = 20;

    @Test
    void ofTheSettingIsInForce() throws Exception {
      KeyringConfig config = load(Map.of("kms.poll", "10"), NONE);
      UUID id = create(config);
      try (Database here = config.openDatabase();
          Database there = config.openDatabase();
          Keyring changing = config.open(here);
          Keyring polling = config.open(there)) {
        long began = System.nanoTime();
        for (int i = 0; i < CHANGES; i++) {
          String text = "change " + i;
          changing.update(id, key -> key.withDescription(text));
          while (!polling.describe(id).description().equals(text)) {
            Thread.onSpinWait();
          }
        }

        // Each is made just after a question, so it would wait for a whole interval.
        long took = System.nanoTime() - began;
        assertTrue(took < CHANGES * EpochWatch.INTERVAL.toNanos() / 2, "it took " + took + " ns");
      }
    }

    @Test
    void isReadFromTheEnvironmentAndHasADefault() {
      assertEquals(Duration.ofMillis(800), load(NONE, Map.of("KMS_POLL", "800")).poll());
      assertEquals(Duration.ofMillis(200), load(NONE, NONE).poll());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "9", "801", "-20", "0.2", "200ms", "99999999999999999999"})
    void outOfItsRangeNamesItsSettingAndItsRange(String bad) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> load(Map.of("kms.poll", bad), NONE));

      assertEquals(
          "kms.poll is not a whole number from 10 to 800: '" + bad + "'", KmsFixture.message(e));
    }
  }

  @Nested
  class Seals {
    @Test
    void limitOfTheSettingIsInForce() throws Exception {
      KeyringConfig config = load(NONE, Map.of("KMS_SEAL_LIMIT", "2", "KMS_SEAL_ROTATE", "true"));
      UUID id = create(config);
      assertEquals(3, versionAfterFiveSeals(config, id));

      KeyringConfig strict = load(Map.of("kms.seal.limit", "2", "kms.seal.rotate", "false"), NONE);
      assertThrows(SealLimitException.class, () -> versionAfterFiveSeals(strict, id));
      assertEquals(3, versionAfterFiveSeals(load(NONE, NONE), id));
    }

    private static int versionAfterFiveSeals(KeyringConfig config, UUID id) throws Exception {
      try (Database database = config.openDatabase();
          Keyring keyring = config.open(database)) {
        Cipher cipher = Cipher.getInstance("KMS", new KmsProvider(keyring));
        for (int i = 0; i < 5; i++) {
          cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(id));
          cipher.doFinal(new byte[1]);
        }
        return keyring.describe(id).primaryVersion();
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "0",
          "-1",
          "+5",
          "1e6",
          "2^31",
          "1 000",
          "0x10",
          "٣",
          "4278190081",
          "4294967296",
          "99999999999999999999"
        })
    void badLimitNamesItsSettingAndItsRange(String bad) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> load(Map.of("kms.seal.limit", bad), NONE));

      String message = KmsFixture.message(e);
      assertTrue(message.contains("kms.seal.limit") && message.contains("'" + bad + "'"), message);
      assertTrue(message.contains("from 1 to 4278190080"), message);
    }

    @Test
    void rotationIsTrueOrFalseAndNothingElse() {
      for (String bad : List.of("", "TRUE", "yes", "0")) {
        IllegalArgumentException e =
            assertThrows(
                IllegalArgumentException.class, () -> load(Map.of("kms.seal.rotate", bad), NONE));
        assertTrue(KmsFixture.message(e).contains("kms.seal.rotate"));
      }
    }
  }

  @Nested
  class Lease {
    @ParameterizedTest
    @ValueSource(strings = {"", "0", "1", "3601", "-2", "2s", "2.5", "٣", "99999"})
    void outOfItsRangeNamesItsSettingAndTheRange(String bad) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> load(Map.of("kms.lease", bad), NONE));

      String message = KmsFixture.message(e);
      assertTrue(message.contains("kms.lease") && message.contains("'" + bad + "'"), message);
      assertTrue(message.contains("from 2 to 3600"), message);
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "3600, 3600", ", 30"})
    void isWhatTheNodeJoinsWith(@Nullable String given, long seconds) throws Exception {
      Map<String, String> own = given == null ? NONE : Map.of("kms.lease", given);
      KeyringConfig config = load(own, NONE);
      try (Database database = config.openDatabase();
          Keyring keyring = config.open(database)) {
        keyring.create("", KeyAlgorithm.AES_256_GCM);

        assertEquals(
            List.of(Duration.ofSeconds(seconds)),
            JdbcStore.open(database).nodes().stream().map(Node::lease).toList());
      }
      try (Database database = config.openDatabase()) {
        assertEquals(List.of(), JdbcStore.open(database).nodes(), "it has not left");
      }
    }
  }

  @Nested
  class Store {
    @Test
    void isInTheHomeUnlessTheSettingSaysElse() throws Exception {
      create(load(NONE, NONE));
      assertTrue(Files.exists(home.resolve("kms.db")));

      Path other = home.resolve("other.db");
      create(load(Map.of("kms.store", "jdbc:sqlite:" + other), NONE));

      assertTrue(Files.exists(other));
    }

    @Test
    void ofAnotherKindIsRefused() {
      KeyringConfig config = load(Map.of("kms.store", "jdbc:h2:mem:x"), NONE);

      assertThrows(StoreException.class, config::openDatabase);
    }
  }

  @Nested
  class Root {
    @Test
    void isAFileInTheHomeThatIsMadeOnceForAllStarts() throws Exception {
      UUID id = create(load(NONE, NONE));

      assertTrue(Files.exists(home.resolve("root.key")));
      assertEquals(1, version(load(NONE, NONE), id));
    }

    @Test
    void isTheVariableWhereItIsSet() throws Exception {
      Map<String, String> environment = Map.of("KMS_ROOT_KEY", ZEROS);

      UUID id = create(load(NONE, environment));

      assertFalse(Files.exists(home.resolve("root.key")));
      assertEquals(1, version(load(NONE, environment), id));
    }

    @Test
    void settingWinsOverTheVariable() throws Exception {
      Map<String, String> environment = Map.of("KMS_ROOT_KEY", ZEROS, "OTHER", ZEROS);

      create(load(Map.of("kms.root", "file:own.key"), environment));

      assertTrue(Files.exists(home.resolve("own.key")));
      assertTrue(
          KmsFixture.message(
                  assertThrows(
                      RootKeyException.class,
                      () -> create(load(Map.of("kms.root", "env:MISSING"), environment))))
              .contains("MISSING"));
    }

    @Test
    void wrongOneNamesTheIdWantedAndTheIdGiven() throws Exception {
      create(load(NONE, NONE));
      RootKey wrong = EnvironmentRootKey.load("K", Map.of("K", ZEROS));
      Map<String, String> environment = Map.of("KMS_ROOT_KEY", ZEROS);

      RootKeyException e =
          assertThrows(RootKeyException.class, () -> create(load(NONE, environment)));

      String message = KmsFixture.message(e);
      assertTrue(message.contains("wants root key aes256-"), message);
      assertTrue(message.contains("given is root key " + wrong.id()), message);
      wrong.close();
    }

    @Test
    void lostFileOfAnOldStoreIsNotMadeAnew() throws Exception {
      create(load(NONE, NONE));
      Path file = home.resolve("root.key");
      Files.delete(file);

      assertThrows(RootKeyException.class, () -> create(load(NONE, NONE)));

      assertFalse(Files.exists(file), "a new one beside an old store hides that it is lost");
    }

    @Test
    void ofNoKnownKindIsRefused() {
      KeyringConfig config = load(Map.of("kms.root", "vault:x"), NONE);

      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> create(config));

      assertTrue(KmsFixture.message(e).contains("kms.root"));
    }
  }
}
