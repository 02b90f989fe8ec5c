package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.store.Database;

/** Two JVMs, one file. */
class TwoProcessesTest {
  /** What is promised. */
  private static final int SEEN_WITHIN_MILLIS = 1_000;

  private final Path home;
  private final Database database;
  private final Keyring keyring;

  TwoProcessesTest(@TempDir Path home) {
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
  void disableIsSeenByTheOtherWithinASecond() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.disable(key);
      long acknowledged = System.currentTimeMillis();

      long last = last(other, "refused");
      assertTrue(last <= acknowledged + SEEN_WITHIN_MILLIS, (last - acknowledged) + " ms late");
    }
  }

  @Test
  void deleteIsSeenByTheOtherWithinASecond() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.delete(key);
      long acknowledged = System.currentTimeMillis();

      long last = last(other, "refused");
      assertTrue(last <= acknowledged + SEEN_WITHIN_MILLIS, (last - acknowledged) + " ms late");
    }
  }

  @Test
  void rotateIsSeenByTheOtherWithinASecond() throws Exception {
    UUID key = create();
    try (Jvm other = child("seal", key)) {

      keyring.rotate(key);
      long acknowledged = System.currentTimeMillis();

      long last = last(other, "version");
      assertTrue(last <= acknowledged + SEEN_WITHIN_MILLIS, (last - acknowledged) + " ms late");
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
