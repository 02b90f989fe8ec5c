package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Mac;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** Files of keys on their way out, and in again elsewhere. */
class ExportFileTest extends HomeCase {
  private ExportFile export(UUID... keyIds) {
    return new ExportFile(file, PROJECT, Set.of(keyIds), false, false);
  }

  private UUID make(String name, KeyAlgorithm algorithm) throws Exception {
    try (OpenHome home = open(here)) {
      return create(home, name, algorithm, true).id();
    }
  }

  private byte[] sealed(UUID keyId) throws Exception {
    try (OpenHome home = open(here)) {
      return seal(home, keyId);
    }
  }

  private void rotate(UUID keyId) throws Exception {
    try (OpenHome home = open(here)) {
      home.keyring().rotate(keyId);
    }
  }

  private void lock(String name) throws Exception {
    try (OpenHome home = open(here)) {
      create(home, name, KeyAlgorithm.AES_256_GCM, false);
    }
  }

  private void assertNoFile() throws Exception {
    assertFalse(Files.exists(file));
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count(), "the two homes alone");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  void aKeyThatMovedOpensItsOldMessages(KeyAlgorithm algorithm) throws Exception {
    UUID keyId = make("orders", algorithm);
    byte[] message = sealed(keyId);

    run(export(), here);
    run(importFile(), there);

    try (OpenHome home = open(there)) {
      assertArrayEquals(TEXT, unseal(home, keyId, message));
      assertEquals("orders", home.keyring().describe(keyId).name());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_4096", "ECC_NIST_P256", "ECC_NIST_P521", "ML_DSA_65"})
  void aPairThatMovedIsTheSamePair(KeyAlgorithm algorithm) throws Exception {
    UUID keyId = make("a", algorithm);

    run(export(), here);
    run(importFile(), there);

    try (OpenHome from = open(here);
        OpenHome to = open(there)) {
      assertEquals(from.keyring().publicKey(keyId), to.keyring().publicKey(keyId));
      if (algorithm == KeyAlgorithm.ECC_NIST_P256) {
        Signature signature =
            Signature.getInstance("SHA256withECDSA", new KmsProvider(to.keyring()));
        signature.initSign(to.keyring().privateKey(keyId));
        signature.update(TEXT);
        byte[] signed = signature.sign();
        signature.initVerify(from.keyring().publicKey(keyId));
        signature.update(TEXT);
        assertTrue(signature.verify(signed));
      }
    }
  }

  @Test
  void aMacKeyThatMovedGivesTheSameMacs() throws Exception {
    UUID keyId = make("a", KeyAlgorithm.HMAC_SHA_256);

    run(export(), here);
    run(importFile(), there);

    try (OpenHome from = open(here);
        OpenHome to = open(there)) {
      assertArrayEquals(mac(from, keyId), mac(to, keyId));
    }
  }

  private static byte[] mac(OpenHome home, UUID keyId) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256", new KmsProvider(home.keyring()));
    mac.init(KmsKey.of(keyId));
    return mac.doFinal(TEXT);
  }

  @Test
  void theFileIsThatOfABulkExportAndItsOwnersAlone() throws Exception {
    UUID aes = make("a", KeyAlgorithm.AES_128_GCM);
    UUID pair = make("b", KeyAlgorithm.ECC_NIST_P256);

    List<String> lines = run(export(), here);

    assertEquals(
        List.of(
            "exported: a " + aes,
            "exported: b " + pair,
            "2 exported to " + file + ", which holds their material"),
        lines);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    JsonNode keys = JSON.readTree(file.toFile()).get("keys");
    assertEquals(2, keys.size());
    assertEquals(
        List.of("keyId", "name", "keyUsage", "algorithm", "privateKey"), names(keys.get(0)));
    assertEquals(
        List.of("keyId", "name", "keyUsage", "algorithm", "privateKey", "publicKey"),
        names(keys.get(1)));
    assertEquals(aes.toString(), keys.at("/0/keyId").asText());
    assertEquals("aes-128-gcm", keys.at("/0/algorithm").asText());
    assertEquals(16, Base64.getDecoder().decode(keys.at("/0/privateKey").asText()).length);
    try (var files = Files.list(folder)) {
      assertEquals(3, files.count(), "no draft is left");
    }
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void moreThanAPageOfKeysGoesIn() throws Exception {
    try (OpenHome home = open(here)) {
      for (int i = 0; i < 201; i++) {
        create(home, "k" + i, KeyAlgorithm.AES_256_GCM, true);
      }
    }

    run(export(), here);

    assertEquals(201, JSON.readTree(file.toFile()).get("keys").size());
    List<String> lines = run(importFile(), there);
    assertEquals("201 imported, 0 there already, 0 left out", lines.get(201));
  }

  @Test
  void whatCannotBeExportedIsNamedAndNothingIsWritten() throws Exception {
    make("good", KeyAlgorithm.AES_256_GCM);
    lock("locked");
    UUID off = make("off", KeyAlgorithm.AES_256_GCM);
    try (OpenHome home = open(here)) {
      home.keyring().disable(off);
    }

    List<String> lines = refusal(export(), here);

    assertEquals(3, lines.size());
    assertEquals("nothing was exported:", lines.get(0));
    assertTrue(lines.get(1).endsWith(" (locked): is not exportable"), lines.toString());
    assertEquals("key " + off + " (off): is disabled", lines.get(2));
    assertNoFile();
  }

  @Test
  void theOthersAreWrittenIfItIsSaid() throws Exception {
    UUID good = make("good", KeyAlgorithm.AES_256_GCM);
    lock("locked");

    List<String> lines = run(new ExportFile(file, PROJECT, Set.of(), true, false), here);

    assertEquals("exported: good " + good, lines.get(0));
    assertTrue(lines.get(1).startsWith("left out: key "), lines.toString());
    assertEquals(1, JSON.readTree(file.toFile()).get("keys").size());
  }

  @Test
  void keysThatWereAskedForGoAlone() throws Exception {
    UUID one = make("one", KeyAlgorithm.AES_256_GCM);
    lock("locked");

    run(export(one), here);

    assertEquals(one.toString(), JSON.readTree(file.toFile()).at("/keys/0/keyId").asText());
  }

  @Test
  void keysThatAreNotThereOrElsewhereAreNamed() throws Exception {
    UUID here1 = make("one", KeyAlgorithm.AES_256_GCM);
    UUID nobody = UUID.randomUUID();

    assertEquals(
        List.of("nothing was exported:", "key " + nobody + ": there is no such key"),
        refusal(export(nobody), here));
    assertEquals(
        List.of("nothing was exported:", "key " + here1 + " (one): is in project " + PROJECT),
        refusal(new ExportFile(file, "p", Set.of(here1), false, false), here));
    assertEquals(
        List.of("project p has no key to export"),
        refusal(new ExportFile(file, "p", Set.of(), false, false), here));
    assertNoFile();
  }

  @Test
  void aRotatedKeyIsRefusedUntilItIsSaidThatTheNewestWillDo() throws Exception {
    UUID keyId = make("a", KeyAlgorithm.AES_256_GCM);
    byte[] old = sealed(keyId);
    rotate(keyId);
    byte[] current = sealed(keyId);

    List<String> lines = refusal(export(), here);
    assertEquals(
        "key "
            + keyId
            + " (a): has 2 versions, and the file holds the newest alone: what older ones sealed"
            + " would not open where it goes (--newest-only exports it all the same)",
        lines.get(1));

    run(new ExportFile(file, PROJECT, Set.of(), false, true), here);
    run(importFile(), there);

    try (OpenHome home = open(there)) {
      assertArrayEquals(TEXT, unseal(home, keyId, current));
      assertThrows(AEADBadTagException.class, () -> unseal(home, keyId, old));
    }
  }

  @Test
  void ofARotatedKeyThatIsBoundToItsVersionItIsSaidThatNothingOpens() throws Exception {
    UUID keyId = make("a", KeyAlgorithm.XAES_256_GCM);
    rotate(keyId);

    assertTrue(refusal(export(), here).get(1).contains("none of them would open"));
  }

  @Test
  void aFileThatIsThereIsLeftAsItIs() throws Exception {
    make("a", KeyAlgorithm.AES_256_GCM);
    Files.writeString(file, "mine");

    assertEquals(List.of(file + " is there already: name a new file"), refusal(export(), here));

    assertEquals("mine", Files.readString(file));
  }

  @Test
  void aFileThatCannotBeWrittenIsTheWorldsFault() throws Exception {
    make("a", KeyAlgorithm.AES_256_GCM);
    ExportFile lost =
        new ExportFile(folder.resolve("no/such/place"), PROJECT, Set.of(), false, false);

    assertThrows(UncheckedIOException.class, () -> run(lost, here));
  }

  @Test
  void aHomeThatIsNotThereIsNotMade() {
    assertFalse(export().makesHome());
    assertTrue(importFile().makesHome());
  }

  @Test
  void eachKeyThatLeavesIsAnEvent() throws Exception {
    UUID keyId = make("a", KeyAlgorithm.AES_256_GCM);
    try (Recording recording = new Recording()) {
      recording.enable("org.kms4j.Export");
      recording.start();

      run(export(), here);

      recording.stop();
      recording.dump(folder.resolve("dump.jfr"));
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(folder.resolve("dump.jfr")).stream()
            .filter(event -> event.getEventType().getName().equals("org.kms4j.Export"))
            .toList();
    assertEquals(1, events.size());
    assertEquals(keyId.toString(), events.get(0).getString("keyId"));
  }
}
