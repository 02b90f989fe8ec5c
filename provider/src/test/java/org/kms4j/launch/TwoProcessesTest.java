package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyState;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.Revocation;
import org.kms4j.store.Database;

/** Two JVMs, one file. */
class TwoProcessesTest {
  private static final Duration LEASE = Duration.ofSeconds(2);

  /** How long before a change a lease may have been renewed the last time. */
  private static final Duration SWEEP = LEASE.dividedBy(2);

  private final Path home;
  private final Database database;
  private final Keyring keyring;

  TwoProcessesTest(@TempDir Path home) throws Exception {
    Files.writeString(home.resolve("kms.properties"), "kms.lease=" + LEASE.toSeconds() + "\n");
    this.home = home;
    KeyringConfig config = KeyringConfig.load(home);
    this.database = config.openDatabase();
    this.keyring = config.open(database);
  }

  @AfterEach
  void close() {
    keyring.close();
    database.close();
  }

  private Jvm child(String verb, UUID key) throws Exception {
    Jvm jvm = Jvm.onClassPath(Child.class, verb, home.toString(), key.toString());
    assertEquals("ready", jvm.line());
    return jvm;
  }

  private UUID create() throws Exception {
    return keyring.create("", KeyAlgorithm.AES_256_GCM).id();
  }

  /** Time of the child's last success, from a line that begins with {@code word}. */
  private static long last(Jvm jvm, String word) throws Exception {
    String line = String.valueOf(jvm.line());
    assertTrue(line.startsWith(word + " "), line);
    return Long.parseLong(line.split(" ", -1)[1]);
  }

  @Test
  void onceDisableHasReturnedTheOtherBeginsNoSeal() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.disable(key);
      long acknowledged = System.currentTimeMillis();

      assertBeganBefore(acknowledged, last(other, "refused"));
    }
  }

  @Test
  void onceDeleteHasReturnedTheOtherBeginsNoSeal() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.delete(key);
      long acknowledged = System.currentTimeMillis();

      assertBeganBefore(acknowledged, last(other, "refused"));
    }
  }

  @Test
  void onceRotateHasReturnedTheOtherBeginsNoSealUnderTheVersionBefore() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.rotate(key);
      long acknowledged = System.currentTimeMillis();

      assertBeganBefore(acknowledged, last(other, "version"));
    }
  }

  private static void assertBeganBefore(long acknowledged, long last) {
    assertTrue(last <= acknowledged, (last - acknowledged) + " ms late");
  }

  @Test
  void stoppedProcessIsWaitedForUntilItsLeaseEndsAndThenSealsNoMore() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {
      other.stop();

      long began = System.nanoTime();
      Revocation early = keyring.disable(key, Duration.ofMillis(300));
      assertEquals(KeyState.DISABLED, early.key().state());
      assertFalse(early.confirmed());
      assertEquals(1, early.awaited().size());

      keyring.disable(key);
      long waited = System.nanoTime() - began;
      long acknowledged = System.currentTimeMillis();
      assertTrue(waited >= LEASE.toNanos() - SWEEP.toNanos(), "within " + waited + " ns");

      other.resume();
      assertBeganBefore(acknowledged, last(other, "refused"));
    }
  }

  @Test
  void killedProcessIsWaitedForNoLongerThanItsLease() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {
      other.kill();
      other.await();

      Revocation done = keyring.disable(key, LEASE.multipliedBy(10));

      assertTrue(done.confirmed());
    }
  }

  @Test
  void rotationsOfBothGiveConsecutiveVersions() throws Exception {
    UUID key = create();
    List<Integer> versions = new ArrayList<>();
    try (Jvm other = child("rotate", key)) {
      for (int i = 0; i < 25; i++) {
        versions.add(keyring.rotate(key).primaryVersion());
      }
      other.lines().forEach(line -> versions.add(Integer.parseInt(line)));
    }

    assertEquals(
        IntStream.rangeClosed(2, 51).boxed().toList(), versions.stream().sorted().toList());
    assertEquals(51, keyring.describe(key).primaryVersion());
  }

  @Test
  void bothMayOpenANewHomeAtOnce(@TempDir Path fresh) throws Exception {
    List<Jvm> opening = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      opening.add(Jvm.onClassPath(Child.class, "storm", fresh.toString(), "" + i));
    }
    for (Jvm jvm : opening) {
      String line = String.valueOf(jvm.line());
      jvm.close();
      assertTrue(line.matches("[0-9a-f-]{36} [0-9]+"), line);
    }
  }
}
