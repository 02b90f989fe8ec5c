package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.SealLimitException;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;

class SealLimitTest {
  private static final int LIMIT = 200;
  private static final byte[] PLAINTEXT = KmsFixture.bytes(1, 16);

  private final MemoryStore store = new MemoryStore();
  private final KmsFixture kms = KmsFixture.over(store, new SealLimit(LIMIT, true));
  private final KmsFixture twin = KmsFixture.over(store, new SealLimit(LIMIT, true));
  private final KmsFixture strict = KmsFixture.over(store, new SealLimit(LIMIT, false));

  @AfterEach
  void close() {
    store.cutOff(false);
    kms.close();
    twin.close();
    strict.close();
  }

  /** The version that a message of an aes-*-gcm key names; 1 where it is of format v01. */
  private static int version(byte[] message) {
    int v01 = PLAINTEXT.length + 31;
    return message.length == v01 ? 1 : ByteBuffer.wrap(message).getInt(message.length - 7);
  }

  private static List<byte[]> seal(KmsFixture with, KmsKey key, int count) throws Exception {
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(with.seal(key, PLAINTEXT));
    }
    return messages;
  }

  private static List<byte[]> inThreads(int count, Callable<List<byte[]>> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(count);
    List<Future<List<byte[]>>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      running.add(pool.submit(work));
    }
    List<byte[]> all = new ArrayList<>();
    for (Future<List<byte[]>> one : running) {
      all.addAll(one.get());
    }
    pool.shutdown();
    return all;
  }

  /** How many messages each version sealed; each was opened under the version that it names. */
  private Map<Integer, Integer> byVersion(KmsKey key, List<byte[]> messages) throws Exception {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (byte[] message : messages) {
      int version = version(message);
      assertArrayEquals(PLAINTEXT, kms.open(KmsKey.of(key.keyId(), version), message));
      counts.merge(version, 1, Integer::sum);
    }
    return counts;
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM"})
  @Conformance("C-52")
  void keyRotatesByItselfWhenItsPrimaryIsSpent(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);

    List<byte[]> messages = seal(kms, key, 2 * LIMIT + 50);

    assertEquals(Map.of(1, LIMIT, 2, LIMIT, 3, 50), byVersion(key, messages));
    KeyMetadata now = kms.keyring.describe(key.keyId());
    assertEquals(3, now.primaryVersion());
    assertTrue(now.seals() >= 50 && now.seals() < 50 + 3, now.toString());
  }

  @Test
  void xaesIsCountedButHasNoLimit() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);

    seal(kms, key, 3 * LIMIT);

    KeyMetadata now = kms.keyring.describe(key.keyId());
    assertEquals(1, now.primaryVersion());
    assertEquals(SealBudget.FIRST_BLOCK, now.seals());
  }

  @Test
  void limitOfOneGivesEachMessageAVersion() throws Exception {
    try (KmsFixture one = KmsFixture.over(store, new SealLimit(1, true))) {
      KmsKey key = one.key(KeyAlgorithm.AES_256_GCM);

      List<byte[]> messages = seal(one, key, 5);

      assertEquals(Map.of(1, 1, 2, 1, 3, 1, 4, 1, 5, 1), byVersion(key, messages));
    }
  }

  @Test
  @Conformance("C-52")
  void eightThreadsRotateOncePerVersionAndWasteNothing() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);

    List<byte[]> messages = inThreads(8, () -> seal(kms, key, 250));

    Map<Integer, Integer> counts = byVersion(key, messages);
    assertEquals(10, counts.size(), counts.toString());
    counts.forEach((version, count) -> assertEquals(LIMIT, count, "of version " + version));
    assertEquals(10, kms.keyring.describe(key.keyId()).primaryVersion());
  }

  @Test
  @Conformance("C-52")
  void keyringsOverOneStoreTogetherKeepTheLimit() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    List<Callable<List<byte[]>>> both =
        List.of(
            () -> inThreads(4, () -> seal(kms, key, 200)),
            () -> inThreads(4, () -> seal(twin, key, 200)));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    List<byte[]> messages = new ArrayList<>();
    for (Future<List<byte[]>> one : pool.invokeAll(both)) {
      messages.addAll(one.get());
    }
    pool.shutdown();

    Map<Integer, Integer> counts = byVersion(key, messages);
    assertEquals(1_600, messages.size());
    counts.forEach((v, n) -> assertTrue(n <= LIMIT, n + " seals of version " + v));
    // What a keyring leaves behind is at most the block that another one had.
    assertTrue(counts.size() <= 9, counts.toString());
  }

  @Test
  void whoIsLateUsesTheVersionOfWhoWasFaster() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    twin.open(key, kms.seal(key, PLAINTEXT));
    seal(kms, key, LIMIT - 1);

    assertEquals(2, version(twin.seal(key, PLAINTEXT)));
    assertEquals(2, version(kms.seal(key, PLAINTEXT)));

    assertEquals(2, kms.keyring.describe(key.keyId()).primaryVersion());
  }

  @Test
  @Conformance("C-52")
  void handleOfOneVersionIsRefusedOnceThatIsSpent() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM, 2);
    for (int version : new int[] {1, 2}) {
      KmsKey pinned = KmsKey.of(key.keyId(), version);
      List<byte[]> messages = seal(kms, pinned, LIMIT);

      for (int i = 0; i < 3; i++) {
        SealLimitException e =
            assertThrows(SealLimitException.class, () -> kms.seal(pinned, PLAINTEXT));
        assertEquals(key.keyId(), e.keyId());
        assertEquals(version, e.version());
        assertEquals(LIMIT, e.limit());
        assertTrue(KmsFixture.message(e).contains("rotate"), e.toString());
      }
      assertArrayEquals(PLAINTEXT, kms.open(pinned, messages.get(LIMIT - 1)));
    }
    assertEquals(2, kms.keyring.describe(key.keyId()).primaryVersion());
    assertEquals(3, version(kms.seal(key, PLAINTEXT)));
  }

  @Test
  @Conformance("C-52")
  void keyringThatMayNotRotateRefusesUntilSomeoneDoes() throws Exception {
    KmsKey key = strict.key(KeyAlgorithm.AES_128_GCM);
    List<byte[]> messages =
        inThreads(
            8,
            () -> {
              List<byte[]> mine = new ArrayList<>();
              while (true) {
                try {
                  mine.add(strict.seal(key, PLAINTEXT));
                } catch (SealLimitException e) {
                  return mine;
                }
              }
            });

    assertEquals(Map.of(1, LIMIT), byVersion(key, messages));
    SealLimitException e =
        assertThrows(SealLimitException.class, () -> strict.seal(key, PLAINTEXT));
    assertEquals(1, e.version());
    assertEquals(1, strict.keyring.describe(key.keyId()).primaryVersion());
    strict.keyring.rotate(key.keyId());
    assertEquals(2, version(strict.seal(key, PLAINTEXT)));
  }

  @Test
  void keyThatWasDisabledMeanwhileIsRefusedForThat() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    seal(kms, key, LIMIT);
    // By hand, as another process would.
    store.update(key.keyId(), old -> old.withState(KeyState.DISABLED));

    assertThrows(KeyStateException.class, () -> kms.seal(key, PLAINTEXT));

    assertEquals(1, store.find(key.keyId()).orElseThrow().versions().size());
  }

  @Test
  void initWithoutDoFinalIsCounted() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    for (int i = 0; i < LIMIT - 1; i++) {
      kms.sealing(key);
    }
    Cipher last = kms.sealing(key);
    assertEquals(2, version(kms.seal(key, PLAINTEXT)));

    // Begun before the rotation, under the version that it was counted for.
    assertEquals(1, version(last.doFinal(PLAINTEXT)));
  }

  @Test
  @Conformance("C-52")
  void keyThatLeavesTheCacheKeepsWhatItHasLeased() throws Exception {
    try (KmsFixture roomy = KmsFixture.over(store)) {
      KmsKey key = roomy.key(KeyAlgorithm.AES_256_GCM);
      int before = store.leases();
      for (int i = 0; i < 100; i++) {
        roomy.seal(key, PLAINTEXT);
        roomy.keyring.cache().forgetAll();
      }

      assertEquals(before + 1, store.leases());
      assertEquals(SealBudget.FIRST_BLOCK, roomy.keyring.describe(key.keyId()).seals());
    }
  }

  @Test
  void describeTellsWhatTheStoreHasLeasedOfThePrimary() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    UUID id = key.keyId();
    assertEquals(0, kms.keyring.describe(id).seals());

    seal(kms, key, 31);
    assertEquals(33, kms.keyring.describe(id).seals(), "eleven blocks of three");
    seal(twin, key, 1);
    assertEquals(36, twin.keyring.describe(id).seals());
    kms.keyring.cache().forgetAll();
    assertEquals(36, kms.keyring.describe(id).seals());
    assertEquals(
        36, kms.keyring.list(KeyQuery.first(KeyMetadata.DEFAULT_PROJECT, 1)).keys().get(0).seals());

    assertEquals(0, kms.keyring.rotate(id).seals());
    assertEquals(0, kms.keyring.describe(id).seals());
  }

  @Test
  void keyInUseTellsItsOwnLeasesWithoutAskingTheStore() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    ResolvedKey held = kms.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT);
    KeyMaterial.Sealing primary = (KeyMaterial.Sealing) held.primary();
    assertEquals(0, held.counted().seals());

    kms.keyring.spend(key, held, primary);
    assertEquals(3, held.counted().seals());
    assertEquals(held.metadata(), held.counted().withSeals(0));
  }

  @Test
  void keyImportedUnderADeletedIdIsCountedAnew() throws Exception {
    UUID id = kms.key(KeyAlgorithm.AES_256_GCM).keyId();
    KmsKey key = KmsKey.of(id);
    seal(kms, key, 31);
    kms.keyring.delete(id);
    kms.keyring.importKey(id, NewKeySpec.of("", KeyAlgorithm.AES_256_GCM), new byte[32]);

    List<byte[]> messages = seal(kms, key, LIMIT + 1);

    assertEquals(Map.of(1, LIMIT, 2, 1), byVersion(key, messages));
  }

  @Test
  void storeThatIsAwayWhenALeaseIsDueFailsTheInitAndLosesNothing() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    List<byte[]> messages = new ArrayList<>(seal(kms, key, 3));
    store.cutOff(true);
    assertThrows(StoreException.class, () -> kms.seal(key, PLAINTEXT));
    store.cutOff(false);

    messages.addAll(seal(kms, key, LIMIT - 2));

    assertEquals(Map.of(1, LIMIT, 2, 1), byVersion(key, messages));
  }

  @Test
  void rotationIsLoggedWithKeyIdAndVersions() throws Exception {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    Logger logger = Logger.getLogger(Rotation.class.getName());
    Handler ear = ear(told);
    logger.addHandler(ear);
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    try {
      inThreads(4, () -> seal(kms, key, 60));
    } finally {
      logger.removeHandler(ear);
    }

    told.removeIf(line -> !line.contains(key.keyId().toString()));
    assertEquals(1, told.size(), told.toString());
    String line = told.element();
    assertTrue(line.contains("from version 1 to 2"), line);
  }

  private static Handler ear(Queue<String> told) {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        if (record.getLevel().equals(Level.INFO)) {
          told.add(String.valueOf(record.getMessage()));
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, SealLimit.MAX_SEALS + 1, 1L << 32, Long.MAX_VALUE})
  void limitOutOfItsRangeIsRefused(long bad) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new SealLimit(bad, true));

    assertTrue(KmsFixture.message(e).contains("" + SealLimit.MAX_SEALS), e.toString());
  }

  @Test
  void limitIsHalfOfWhatIsAllowedUnlessSomeoneSaysElse() {
    assertEquals(1L << 31, SealLimit.DEFAULT.seals());
    assertTrue(SealLimit.DEFAULT.rotates());
    assertEquals(1L << 32, new SealLimit(SealLimit.MAX_SEALS, true).seals() + (1L << 24));
  }

  @Test
  void refusalIsAnInvalidKey() {
    assertTrue(InvalidKeyException.class.isAssignableFrom(SealLimitException.class));
  }
}
