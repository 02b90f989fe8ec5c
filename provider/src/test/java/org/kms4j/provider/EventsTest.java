package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import jdk.jfr.Configuration;
import jdk.jfr.EventType;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.WrappedKey;

/** The events of EVENTS.md, as a real recording has them. */
class EventsTest {
  private static final byte[] MATERIAL = KmsFixture.bytes(201, 32);
  private static final byte[] PLAINTEXT = KmsFixture.bytes(202, 48);

  private KmsFixture kms;
  private Path folder;

  @BeforeEach
  void open(@TempDir Path folder) {
    this.folder = folder;
    kms = KmsFixture.open();
  }

  @AfterEach
  void close() {
    kms.close();
  }

  private interface Work {
    void run() throws Exception;
  }

  /** What the work records of ours. */
  private List<RecordedEvent> record(Work work) throws Exception {
    try (Recording recording = new Recording()) {
      recording.start();
      work.run();
      return dump(recording);
    }
  }

  private List<RecordedEvent> dump(Recording recording) throws IOException {
    recording.stop();
    Path file = Files.createTempFile(folder, "test", ".jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("org.kms4j."))
        .toList();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> all, String name, UUID keyId) {
    return all.stream()
        .filter(event -> event.getEventType().getName().equals("org.kms4j." + name))
        .filter(event -> keyId.toString().equals(event.getString("keyId")))
        .toList();
  }

  private static void assertTells(RecordedEvent event, int version, KeyAlgorithm algorithm) {
    assertEquals(version, event.getInt("version"));
    assertEquals(algorithm.text(), event.getString("algorithm"));
    assertFalse(event.getDuration().isNegative());
  }

  @Test
  void missAndUnwrapAppearOnceForAKeyThatIsThenInUse() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM, 2);
    kms.keyring.cache().forgetAll();

    List<RecordedEvent> all =
        record(
            () -> {
              for (int i = 0; i < 50; i++) {
                kms.open(key, kms.seal(key, PLAINTEXT));
              }
            });

    List<RecordedEvent> misses = named(all, "KeyMiss", key.keyId());
    List<RecordedEvent> unwraps = named(all, "Unwrap", key.keyId());
    // A store in memory tells of a change up to 200 ms later, which costs one more of each.
    assertTrue(misses.size() >= 1 && misses.size() <= 3, misses.size() + " misses");
    assertTrue(unwraps.size() >= 1 && unwraps.size() <= 3, unwraps.size() + " unwraps");
    assertTells(misses.get(0), 2, KeyAlgorithm.XAES_256_GCM);
    assertTells(unwraps.get(0), 2, KeyAlgorithm.XAES_256_GCM);
  }

  @Test
  void missOfAKeyThatIsNotThereHasNoVersion() throws Exception {
    UUID nowhere = UUID.randomUUID();

    List<RecordedEvent> all =
        record(() -> assertThrows(KeyNotFoundException.class, () -> kms.keyring.describe(nowhere)));

    RecordedEvent miss = named(all, "KeyMiss", nowhere).get(0);
    assertEquals(0, miss.getInt("version"));
    assertEquals(null, miss.getString("algorithm"));
  }

  @Test
  void rotateTellsTheNewVersion() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_128_GCM);

    List<RecordedEvent> all = record(() -> kms.keyring.rotate(key.keyId()));

    List<RecordedEvent> rotations = named(all, "Rotate", key.keyId());
    assertEquals(1, rotations.size());
    assertTells(rotations.get(0), 2, KeyAlgorithm.AES_128_GCM);
  }

  @Test
  void exportTellsTheVersionThatLeftAndARefusedOneIsNone() throws Exception {
    UUID keyId =
        kms.keyring
            .create(
                new NewKeySpec(
                    KeyMetadata.DEFAULT_PROJECT, "e", "", KeyAlgorithm.AES_128_GCM, true))
            .id();
    kms.keyring.rotate(keyId);
    UUID locked = kms.key(KeyAlgorithm.AES_128_GCM).keyId();

    List<RecordedEvent> all =
        record(
            () -> {
              kms.keyring.export(keyId);
              assertThrows(KeyNotExportableException.class, () -> kms.keyring.export(locked));
            });

    List<RecordedEvent> exports = named(all, "Export", keyId);
    assertEquals(1, exports.size());
    assertTells(exports.get(0), 2, KeyAlgorithm.AES_128_GCM);
    assertEquals(List.of(), named(all, "Export", locked));
  }

  @Test
  void sealLimitTellsHowOftenAndWhatComesOfIt() throws Exception {
    UUID keyId = UUID.randomUUID();

    List<RecordedEvent> all =
        record(() -> Events.sealLimit(keyId, 7, KeyAlgorithm.AES_256_GCM, 1L << 31, true));

    RecordedEvent limit = named(all, "SealLimit", keyId).get(0);
    assertTells(limit, 7, KeyAlgorithm.AES_256_GCM);
    assertEquals(1L << 31, limit.getLong("seals"));
    assertTrue(limit.getBoolean("rotates"));
  }

  @Test
  @Conformance("C-41")
  void noEventHoldsMaterialWrappedMaterialOrPlaintext() throws Exception {
    StringBuilder secrets = new StringBuilder();
    List<RecordedEvent> all =
        record(
            () -> {
              KmsKey key = KmsKey.of(UUID.randomUUID());
              NewKeySpec spec =
                  new NewKeySpec(
                      KeyMetadata.DEFAULT_PROJECT, "", "", KeyAlgorithm.AES_256_GCM, true);
              kms.keyring.importKey(key.keyId(), spec, MATERIAL);
              kms.open(key, kms.seal(key, PLAINTEXT));
              assertArrayEquals(MATERIAL, kms.keyring.export(key.keyId()));
              for (WrappedKey wrapped : kms.store.find(key.keyId()).orElseThrow().versions()) {
                secrets.append(HexFormat.of().formatHex(wrapped.bytes()));
              }
              kms.keyring.rotate(key.keyId());
              kms.open(key, kms.seal(key, PLAINTEXT));
            });

    assertTrue(all.size() >= 3, all.size() + " events");
    byte[] wrapped = HexFormat.of().parseHex(secrets);
    for (RecordedEvent event : all) {
      assertClean(event.toString(), MATERIAL);
      assertClean(event.toString(), PLAINTEXT);
      assertClean(event.toString(), wrapped);
    }
  }

  private static void assertClean(String text, byte[] secret) {
    String hex = HexFormat.of().formatHex(secret);
    String base64 = Base64.getEncoder().encodeToString(secret);
    for (int at = 0; at + 12 <= hex.length(); at += 2) {
      assertFalse(text.toLowerCase(Locale.ROOT).contains(hex.substring(at, at + 12)), text);
    }
    for (int at = 0; at + 8 <= base64.length(); at++) {
      assertFalse(text.contains(base64.substring(at, at + 8)), text);
    }
  }

  /** What could hold a secret is not among the fields: names and counts alone. */
  @Test
  @Conformance("C-41")
  void fieldsAreTheListedOnes() throws Exception {
    UUID keyId = UUID.randomUUID();
    List<RecordedEvent> all =
        record(
            () -> {
              KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM, 2);
              kms.seal(key, PLAINTEXT);
              Events.sealLimit(keyId, 1, KeyAlgorithm.AES_256_GCM, 5, false);
            });
    Set<String> key =
        Set.of(
            "startTime", "duration", "eventThread", "stackTrace", "keyId", "version", "algorithm");

    for (EventType type : all.stream().map(RecordedEvent::getEventType).distinct().toList()) {
      Set<String> fields =
          type.getFields().stream().map(ValueDescriptor::getName).collect(Collectors.toSet());
      assertNotNull(type.getDescription());
      assertEquals("kms4j", type.getCategoryNames().get(0));
      fields.removeAll(key);
      assertTrue(Set.of("seals", "rotates").containsAll(fields), type.getName() + fields);
    }
  }

  @Test
  void oneThatIsSwitchedOffIsNotEvenMade() throws Exception {
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.disable("org.kms4j.Rotate");
      recording.start();

      assertSame(Timing.NONE, Events.rotate(UUID.randomUUID()));
      assertTrue(Events.keyMiss(UUID.randomUUID()) instanceof KeyMissEvent, "on by default");
    }
    assertSame(Timing.NONE, Events.keyMiss(UUID.randomUUID()), "nobody records");
  }
}
