package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.StoreException;

/**
 * What a vandal with write access to the store may put into the row of a key. It is refused as a
 * StoreException that names the key, or as a wrap that does not open; no key comes of it but the
 * one that was there.
 */
class StoredKeyFuzzTest {
  private static Database database;
  private static KmsFixture kms;
  private static UUID id;
  private static byte[] wrapped;
  private static byte[] message;

  @BeforeAll
  static void in(@TempDir Path folder) throws Exception {
    database = Database.open("jdbc:sqlite:" + folder.resolve("kms.db"));
    kms = KmsFixture.over(JdbcStore.open(database));
    id = kms.keyring.create("orders", KeyAlgorithm.AES_256_GCM).id();
    wrapped = kms.store.find(id).orElseThrow().versions().get(0).bytes();
    message = kms.seal(KmsKey.of(id), new byte[5]);
  }

  @AfterAll
  static void close() {
    kms.close();
    database.close();
  }

  /** One column, by the first byte, gets what the rest says. */
  @FuzzTest
  void vandalisedRowIsRefused(byte[] data) throws Exception {
    Recipe recipe = new Recipe(data);
    String text = new String(recipe.rest(), StandardCharsets.UTF_8);
    switch (recipe.choice(9)) {
      case 0 -> key("algorithm", text);
      case 1 -> key("state", text);
      case 2 -> key("exportable", recipe.mode());
      case 3 -> key("primary_version", Arrays.hashCode(recipe.rest()));
      case 4 -> version("version", Arrays.hashCode(recipe.rest()));
      case 5 -> version("root_key_id", text);
      case 6 -> version("material", recipe.change(wrapped));
      case 7 -> key("strict", recipe.mode());
      default -> key("created_at", text);
    }
    try {
      read();
    } finally {
      mend();
    }
  }

  private static void key(String column, Object value) throws Exception {
    database.write(session -> session.update("UPDATE kms_key SET " + column + " = ?", value));
  }

  private static void version(String column, Object value) throws Exception {
    database.write(
        session -> session.update("UPDATE kms_key_version SET " + column + " = ?", value));
  }

  private static void mend() throws Exception {
    database.write(
        session -> {
          session.update(
              "UPDATE kms_key SET algorithm = 'aes-256-gcm', state = 'enabled', exportable = 0,"
                  + " strict = 1, primary_version = 1, created_at = 0");
          return session.update(
              "UPDATE kms_key_version SET version = 1, root_key_id ="
                  + " (SELECT root_key_id FROM kms_root), material = ?",
              wrapped);
        });
  }

  private static void read() throws Exception {
    kms.keyring.cache().forget(id);
    try {
      kms.keyring.findByName(KeyMetadata.DEFAULT_PROJECT, "orders");
      kms.keyring.list(KeyQuery.first(KeyMetadata.DEFAULT_PROJECT, 9));
      kms.seal(KmsKey.of(id), new byte[5]);
      assertArrayEquals(new byte[5], kms.open(KmsKey.of(id), message));
    } catch (StoreException | RootKeyException e) {
      assertTrue(KmsFixture.message(e).contains(id.toString()) || wrap(e), e.getMessage());
    } catch (InvalidKeyException e) {
      assertTrue(KmsFixture.message(e).contains(id.toString()), e.getMessage());
    }
  }

  private static boolean wrap(RuntimeException e) {
    return e instanceof RootKeyException && KmsFixture.message(e).contains("does not unwrap this");
  }
}
