package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;

/**
 * The limit of seals across processes, starts and kills. What each version has sealed is read from
 * the messages themselves: each opens under the very version that it names.
 */
class SealLimitProcessesTest {
  private static final int LIMIT = 200;
  private static final int PLAINTEXT_BYTES = 16;

  /** What one process holds unspent at most; see SealBudget. */
  private static final int BLOCK = LIMIT / 64;

  private final List<byte[]> messages = new ArrayList<>();
  private final Path home;
  private final UUID id;

  /** What an open keyring is good for here. */
  @FunctionalInterface
  private interface Use {
    void of(Keyring keyring, Database database) throws Exception;
  }

  SealLimitProcessesTest(@TempDir Path home) throws Exception {
    this.home = home;
    Files.writeString(home.resolve("kms.properties"), "kms.seal.limit=" + LIMIT + "\n");
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      this.id = keyring.create("", KeyAlgorithm.AES_256_GCM).id();
    }
  }

  private void open(Use use) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      use.of(keyring, database);
    }
  }

  private Jvm sealing(int threads, int count) throws Exception {
    return Jvm.onClassPath(
        Child.class, "messages", home.toString(), id.toString(), "" + threads, "" + count);
  }

  private void keep(List<String> lines) {
    for (String line : lines) {
      // What a kill has cut off lacks the full stop.
      if (line.endsWith(".")) {
        messages.add(Base64.getDecoder().decode(line.substring(0, line.length() - 1)));
      }
    }
  }

  /** The messages of each version, every one opened; all different. */
  private Map<Integer, Integer> opened(Keyring keyring) throws Exception {
    Provider provider = new KmsProvider(keyring);
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
    Map<Integer, Integer> counts = new TreeMap<>();
    Set<ByteBuffer> different = new HashSet<>();
    for (byte[] message : messages) {
      boolean first = message.length == PLAINTEXT_BYTES + 31;
      int version = first ? 1 : ByteBuffer.wrap(message).getInt(message.length - 7);
      cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(id, version));
      assertArrayEquals(new byte[PLAINTEXT_BYTES], cipher.doFinal(message));
      counts.merge(version, 1, Integer::sum);
      different.add(ByteBuffer.wrap(message));
    }
    assertEquals(messages.size(), different.size());
    return counts;
  }

  /**
   * No version sealed more than the store counted, nor counts more than the limit; and none was
   * left before its last seal was leased.
   */
  private void assertCounted(boolean kills) throws Exception {
    open(
        (keyring, database) -> {
          Map<Integer, Integer> sealed = opened(keyring);
          int primary = keyring.describe(id).primaryVersion();
          for (int version = 1; version <= primary; version++) {
            long counted = counted(database, version);
            int seals = sealed.getOrDefault(version, 0);
            String what = seals + " messages and count " + counted + " of version " + version;
            assertTrue(seals <= counted && counted <= LIMIT, what);
            if (version < primary) {
              assertEquals(LIMIT, counted, what);
              assertTrue(kills || seals >= LIMIT - 2 * BLOCK, what);
            }
          }
          System.out.println("[seals] " + messages.size() + " messages, by version " + sealed);
        });
  }

  private long counted(Database database, int version) {
    return database.read(
        session ->
            session
                .one(
                    "SELECT seals FROM kms_key_version WHERE key_id = ? AND version = ?",
                    row -> row.getLong(1),
                    id.toString(),
                    version)
                .orElseThrow());
  }

  @Test
  @Conformance("C-52")
  void eightThreadsInEachOfTwoProcessesKeepTheLimitOfEveryVersion() throws Exception {
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try (Jvm one = sealing(8, 100);
        Jvm two = sealing(8, 100)) {
      List<Future<List<String>>> reading =
          List.of(readers.submit(one::lines), readers.submit(two::lines));
      for (Future<List<String>> lines : reading) {
        keep(lines.get());
      }
    }
    readers.shutdown();

    assertEquals(1_600, messages.size());
    assertCounted(false);
  }

  @Test
  @Conformance("C-52")
  void countSurvivesEveryStart() throws Exception {
    for (int start = 0; start < 15; start++) {
      open(
          (keyring, database) -> {
            Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
            for (int i = 0; i < 20; i++) {
              cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(id));
              messages.add(cipher.doFinal(new byte[PLAINTEXT_BYTES]));
            }
          });
    }

    assertEquals(300, messages.size());
    assertCounted(true);
    open((keyring, database) -> assertEquals(2, keyring.describe(id).primaryVersion()));
  }

  @Test
  @Conformance("C-52")
  void killOverCountsAndNeverUnderCounts() throws Exception {
    Random random = new Random(52);
    for (int kill = 0; kill < 8; kill++) {
      int wanted = 40 + random.nextInt(120);
      List<String> lines = new ArrayList<>();
      try (Jvm jvm = sealing(4, Integer.MAX_VALUE)) {
        while (lines.size() < wanted) {
          String line = jvm.line();
          assertNotNull(line, "the child ended by itself");
          lines.add(line);
        }
        jvm.kill();
        jvm.await();
        lines.addAll(jvm.lines());
      }
      keep(lines);
      assertCounted(true);
    }

    assertTrue(messages.size() > 2 * LIMIT, "only " + messages.size());
  }
}
