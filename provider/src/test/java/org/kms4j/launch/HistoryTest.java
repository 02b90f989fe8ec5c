package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.SealLimitException;
import org.kms4j.launch.HistoryCluster.Chaos;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;

/**
 * Four processes over one PostgreSQL, which are killed, stopped and cut off, and whose server goes
 * away: what they say that they did keeps the promises of {@link Keyring}, and those of {@link
 * SealLimitException} about the seals of all together.
 */
class HistoryTest {
  private static final boolean LARGE = "large".equals(System.getProperty("test.vectors"));
  private static final int OPERATIONS = LARGE ? 200_000 : 10_000;
  private static final Duration AT_LEAST = Duration.ofSeconds(LARGE ? 60 : 12);
  private static final long SEED = 62;

  private final Random random = new Random(SEED);
  private final HistoryCluster cluster;

  HistoryTest(@TempDir Path folder) throws Exception {
    this.cluster = new HistoryCluster(folder, random);
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
  }

  @Test
  void nothingIsSealedAfterARevocationNorBeyondALimitAndNothingIsLostWhateverHappens()
      throws Exception {
    cluster.start("good");
    cluster.awaitCount(100);
    long end = System.nanoTime() + AT_LEAST.toNanos();
    List<Chaos> kinds = List.of(Chaos.values());
    for (int i = 0; System.nanoTime() < end || cluster.count() < OPERATIONS; i++) {
      // Each kind once, and then by chance.
      cluster.disturb(kinds.get(i < kinds.size() ? i : random.nextInt(kinds.size())));
      HistoryCluster.let(cluster.upTo(1_000));
    }
    History history = cluster.history();
    List<SealCheck> seals = cluster.seals(history);

    System.out.printf(
        "[history] seed %d: %d lines, %d seals, %d disables, %d rotations; %s%n",
        SEED,
        cluster.count(),
        history.messages().size(),
        history.disables(),
        history.rotations(),
        cluster.disturbed());
    seals.forEach(check -> System.out.println("[history] limited: " + check));
    assertEquals(List.of(), history.violations());
    assertEquals(List.of(), violations(seals));
    assertTrue(history.disables() > 10 && history.rotations() > 10, "too little was done");
    assertTrue(seals.get(0).versions() > 1, "no limit was reached");
    assertFalse(history.refused(cluster.refusing.toString()).isEmpty(), "nothing was refused");
    cluster.open((keyring, database) -> assertAllIsThere(history, keyring, database));
  }

  private static List<String> violations(List<SealCheck> seals) {
    return seals.stream().flatMap(check -> check.violations().stream()).toList();
  }

  private void assertAllIsThere(History history, Keyring keyring, Database database)
      throws Exception {
    List<UUID> keys = new ArrayList<>(cluster.changed);
    keys.addAll(cluster.limited);
    for (UUID key : keys) {
      keyring.enable(key);
      assertEquals(List.of(), history.lost(key.toString(), versions(database, key)));
    }
    assertEquals(1, keyring.describe(cluster.refusing).primaryVersion(), "nobody may rotate it");
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
    List<String> unopened =
        history.unopened(
            message -> {
              KmsKey named = KmsKey.of(UUID.fromString(message.key()), message.version());
              cipher.init(Cipher.DECRYPT_MODE, named);
              return cipher.doFinal(message.bytes());
            });
    assertEquals(List.of(), unopened);
  }

  private static Set<Integer> versions(Database database, UUID key) {
    List<Integer> all =
        database.read(
            session ->
                session.all(
                    "SELECT version FROM kms_key_version WHERE key_id = ?",
                    row -> row.getInt(1),
                    key.toString()));
    return new TreeSet<>(all);
  }

  @Test
  void nodeThatIgnoresItsLeaseAndTheLimitIsFoundOut() throws Exception {
    cluster.start("faulty");
    cluster.awaitCount(8_000);
    // It stands still for longer than its lease, and then goes on.
    for (int i = 0; i < 3; i++) {
      cluster.standStill(1, Duration.ofSeconds(4));
      HistoryCluster.let(Duration.ofMillis(500));
    }
    History history = cluster.history();

    List<String> late = history.violations();
    List<String> tooMany = violations(cluster.seals(history));

    assertFalse(late.isEmpty(), "the checker finds nothing");
    assertTrue(tooMany.stream().anyMatch(v -> v.contains("was sealed")), tooMany.toString());
    System.out.println("[history] planted fault: " + late.size() + ", " + late.get(0));
    System.out.println("[history] planted fault: " + tooMany.size() + ", " + tooMany.get(0));
  }
}
