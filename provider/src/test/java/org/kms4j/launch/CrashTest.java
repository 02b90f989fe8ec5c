package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;

class CrashTest {
  private static final int KILLS = 50;

  private final Random random = new Random(20_261_124);
  private final Map<UUID, Integer> acknowledged = new HashMap<>();

  @Test
  void nothingAcknowledgedIsLostAndNothingHalfIsLeftByFiftyKills(@TempDir Path home)
      throws Exception {
    int versions = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> lines = storm(home, kill);
      for (String line : lines) {
        String[] words = line.split(" ", -1);
        int version = Integer.parseInt(words[1]);
        acknowledged.merge(UUID.fromString(words[0]), version, Math::max);
      }
      versions += lines.size();

      reopen(home, kill == KILLS - 1);
    }
    System.out.println("[crash] " + KILLS + " kills, " + versions + " acknowledged, none lost");
    assertTrue(versions >= KILLS, "only " + versions);
  }

  /** What was acknowledged before the kill, which comes at a moment that the seed chose. */
  private List<String> storm(Path home, int seed) throws Exception {
    long after = Duration.ofMillis(20 + random.nextInt(180)).toNanos();
    List<String> lines = new ArrayList<>();
    try (Jvm jvm = Jvm.onClassPath(Child.class, "storm", home.toString(), "" + seed)) {
      String first = jvm.line();
      assertNotNull(first, "the child ended by itself");
      lines.add(first);
      long kill = System.nanoTime() + after;
      while (System.nanoTime() < kill) {
        if (jvm.hasOutput()) {
          String line = jvm.line();
          assertNotNull(line, "the child ended by itself");
          lines.add(line);
        }
      }
      jvm.kill();
      jvm.await();
      lines.addAll(jvm.lines());
    }
    // A line that the kill cut has no version, or a part of one: no acknowledgement.
    lines.removeIf(line -> !line.matches("[0-9a-f-]{36} [0-9]+"));
    return lines;
  }

  private void reopen(Path home, boolean all) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      for (Map.Entry<UUID, Integer> one : acknowledged.entrySet()) {
        int found = keyring.describe(one.getKey()).primaryVersion();
        assertTrue(found >= one.getValue(), "version " + one.getValue() + " was lost");
      }
      String ok =
          database.read(s -> s.one("PRAGMA integrity_check", r -> r.getString(1)).orElse(""));
      assertEquals("ok", ok);
      KeyPage page = keyring.list(KeyQuery.first(KeyMetadata.DEFAULT_PROJECT, Integer.MAX_VALUE));
      Provider provider = new KmsProvider(keyring);
      for (KeyMetadata key : page.keys()) {
        if (all || random.nextInt(20) == 0) {
          useEveryVersion(provider, key);
        }
      }
    }
  }

  private static void useEveryVersion(Provider provider, KeyMetadata key)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
    for (int version = 1; version <= key.primaryVersion(); version++) {
      cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(key.id(), version));
      byte[] message = cipher.doFinal(new byte[5]);
      cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(key.id()));
      assertArrayEquals(new byte[5], cipher.doFinal(message));
    }
  }
}
