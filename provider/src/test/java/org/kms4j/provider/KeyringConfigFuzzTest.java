package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;

/** Reads arbitrary bytes as a config file: settings, or a refusal that names file or setting. */
class KeyringConfigFuzzTest {
  private static Path home;
  private static Path file;
  private static Database database;

  @BeforeAll
  static void in(@TempDir Path folder) {
    home = folder;
    file = folder.resolve("kms.properties");
    database = Database.open("jdbc:sqlite:" + folder.resolve("other.db"));
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @FuzzTest
  void fileIsReadOrRefusedByName(byte[] data) throws Exception {
    Files.write(file, data);
    KeyringConfig config;
    try {
      config = KeyringConfig.load(home, Map.of(), new Properties(), Map.of());
    } catch (IllegalArgumentException e) {
      assertEquals(IllegalArgumentException.class, e.getClass());
      assertTrue(KmsFixture.message(e).contains(file.toString()), e.getMessage());
      return;
    }
    assertTrue(config.serverSettings().keySet().stream().allMatch(n -> n.startsWith("kms.http.")));
    refuseRoot(config, data);
    refuseStore(config, data);
  }

  private static String setting(byte[] data, String name) throws Exception {
    Properties settings = new Properties();
    settings.load(new StringReader(new String(data, StandardCharsets.UTF_8)));
    return settings.getProperty(name, "").strip();
  }

  /** Opens what cannot be opened; a real path might be that of another's file. */
  private static void refuseRoot(KeyringConfig config, byte[] data) throws Exception {
    String root = setting(data, "kms.root");
    if (root.isEmpty() || (root.startsWith("file:") && root.indexOf('\0') < 0)) {
      return;
    }
    try {
      config.open(database).close();
      throw new AssertionError("opened " + root);
    } catch (IllegalArgumentException e) {
      assertEquals(IllegalArgumentException.class, e.getClass());
      assertTrue(KmsFixture.message(e).contains("kms.root"), e.getMessage());
    } catch (RootKeyException e) {
      assertTrue(KmsFixture.message(e).contains("is not set"), e.getMessage());
    }
  }

  private static void refuseStore(KeyringConfig config, byte[] data) throws Exception {
    String store = setting(data, "kms.store");
    if (store.isEmpty() || (store.startsWith("jdbc:sqlite:") && store.indexOf('\0') < 0)) {
      return;
    }
    try {
      config.openDatabase().close();
      throw new AssertionError("opened " + store);
    } catch (org.kms4j.store.StoreException e) {
      assertTrue(KmsFixture.message(e).contains(store), e.getMessage());
    }
  }
}
