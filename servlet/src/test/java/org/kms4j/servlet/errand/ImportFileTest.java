package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;

/** Files of keys on their way in. */
class ImportFileTest extends HomeCase {
  private static final UUID OTHER_ID = UUID.fromString("11111111-1111-4111-8111-111111111111");

  private boolean isThere(UUID keyId) {
    try (OpenHome home = open(here)) {
      home.keyring().describe(keyId);
      return true;
    } catch (KeyNotFoundException e) {
      return false;
    }
  }

  @Test
  void aKeyKeepsItsIdAndIsExportableAndEnabled() throws Exception {
    write(aes(KEY_ID, "orders", material(1, 32)));

    List<String> lines = run(importFile(), here);

    assertEquals(
        List.of("imported: orders " + KEY_ID, "1 imported, 0 there already, 0 left out"), lines);
    try (OpenHome home = open(here)) {
      KeyMetadata key = home.keyring().describe(KEY_ID);
      assertEquals("orders", key.name());
      assertEquals(PROJECT, key.project());
      assertEquals(KeyAlgorithm.AES_256_GCM, key.algorithm());
      assertTrue(key.exportable());
      assertTrue(key.enabled());
      assertTrue(home.keyring().holds(KEY_ID, material(1, 32)));
    }
  }

  /** Layout of a message of Infisical's, computed with another implementation: see FORMAT.md. */
  @Test
  void aKeyOpensWhatItSealedElsewhere() throws Exception {
    byte[] key =
        HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    write(aes(KEY_ID, "a", key));

    run(importFile(), here);

    try (OpenHome home = open(here)) {
      for (String message :
          List.of(
              "oKGio6Slpqeoqaqrjn0QQSq0ae3rb6hLrkcxoH2/cMVkdjAx",
              "oKGio6Slpqeoqaqrjn0QQSq0ae3rb6hLrkcxoH2/cMVkAAAAAnYwMg==")) {
        byte[] opened = unseal(home, KEY_ID, Base64.getDecoder().decode(message));
        assertEquals("hello", new String(opened, StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void aSecondRunSaysWhatIsThereAndChangesNothing() throws Exception {
    write(aes(KEY_ID, "orders", material(1, 32)));
    run(importFile(), here);
    byte[] sealed;
    try (OpenHome home = open(here)) {
      sealed = seal(home, KEY_ID);
      home.keyring().rotate(KEY_ID);
      home.keyring().update(KEY_ID, key -> key.withName("renamed"));
    }

    List<String> lines = run(importFile(), here);

    assertEquals(
        List.of(
            "there already: renamed %s, in project %s".formatted(KEY_ID, PROJECT),
            "0 imported, 1 there already, 0 left out"),
        lines);
    try (OpenHome home = open(here)) {
      assertEquals(2, home.keyring().describe(KEY_ID).primaryVersion());
      assertArrayEquals(TEXT, unseal(home, KEY_ID, sealed));
    }
  }

  @Test
  void whatWasBrokenOffIsDoneByASecondRun() throws Exception {
    write(aes(KEY_ID, "a", material(1, 32)));
    run(importFile(), here);
    write(aes(KEY_ID, "a", material(1, 32)), aes(OTHER_ID, "b", material(2, 32)));

    List<String> lines = run(importFile(), here);

    assertEquals("1 imported, 1 there already, 0 left out", lines.get(2));
    assertTrue(isThere(OTHER_ID));
  }

  @Test
  void allFaultsAreNamedByPlaceAndNameAndNothingIsWritten() throws Exception {
    byte[] secret = material('s', 32);
    String spelled = Base64.getEncoder().encodeToString(secret);
    write(
        aes(KEY_ID, "good", material(1, 32)),
        aes(OTHER_ID, "short", material('s', 31)),
        aes(OTHER_ID, "spelling", secret).put("privateKey", "!" + spelled),
        aes(OTHER_ID, "usage", secret).put("keyUsage", "sign-verify"),
        aes(OTHER_ID, "pair", secret).put("keyUsage", "sign-verify").put("algorithm", "RSA_4096"),
        aes(OTHER_ID, "id", secret).put("keyId", "7"),
        aes(OTHER_ID, "", secret),
        aes(OTHER_ID, "\u001b[2J", secret));

    List<String> lines = refusal(importFile(), here);

    assertEquals(
        List.of(
            "nothing was imported:",
            "entry 2 (short): Invalid key material length for aes-256-gcm. Expected 32 bytes, got"
                + " 31.",
            "entry 3 (spelling): privateKey privateKey must be base64 encoded",
            "entry 4 (usage): algorithm must be an asymmetric algorithm for sign-verify keys",
            "entry 5 (pair): Invalid private key material. Expected a PKCS8 PEM-encoded private"
                + " key.",
            "entry 6 (id): keyId Invalid UUID",
            "entry 7: name is empty",
            "entry 8: name must have at most 255 characters and no control character"),
        lines);
    assertFalse(lines.toString().contains(spelled.substring(0, 8)));
    assertFalse(Files.exists(here.resolve("kms.db")), "the home was not even opened");
  }

  @Test
  void theGoodOnesAreTakenIfItIsSaid() throws Exception {
    write(aes(KEY_ID, "good", material(1, 32)), aes(OTHER_ID, "short", material(2, 31)));

    List<String> lines = run(new ImportFile(file, PROJECT, true), here);

    assertEquals("imported: good " + KEY_ID, lines.get(0));
    assertTrue(lines.get(1).startsWith("left out: entry 2 (short): "), lines.toString());
    assertEquals("1 imported, 0 there already, 1 left out", lines.get(2));
    assertTrue(isThere(KEY_ID));
    assertFalse(isThere(OTHER_ID));
  }

  @Test
  void anIdOrANameThatIsTakenIsAFaultAndNothingIsWritten() throws Exception {
    try (OpenHome home = open(here)) {
      create(home, "taken", KeyAlgorithm.AES_256_GCM, true);
    }
    write(aes(KEY_ID, "a", material(1, 32)));
    run(importFile(), here);
    UUID thirdId = UUID.randomUUID();
    write(
        aes(thirdId, "new", material(3, 32)),
        aes(KEY_ID, "a", material(9, 32)),
        aes(OTHER_ID, "taken", material(2, 32)),
        aes(thirdId, "b", material(4, 32)),
        aes(UUID.randomUUID(), "new", material(5, 32)));

    List<String> lines = refusal(importFile(), here);

    assertEquals("nothing was imported:", lines.get(0));
    assertEquals(
        "entry 2 (a): there is a key " + KEY_ID + " with other material already", lines.get(1));
    assertTrue(
        lines
            .get(2)
            .startsWith(
                "entry 3 (taken): project " + PROJECT + " has a key of this name already, "),
        lines.toString());
    assertEquals("entry 4 (b): key id " + thirdId + " is given twice", lines.get(3));
    assertEquals("entry 5 (new): the name is given twice", lines.get(4));
    assertEquals(5, lines.size());
    assertFalse(isThere(thirdId));
  }

  @Test
  void anUnknownProjectIsRefused() throws Exception {
    write(aes(KEY_ID, "a", material(1, 32)));

    assertEquals(
        List.of("there is no project kms4j"), refusal(new ImportFile(file, "kms4j", false), here));
    assertFalse(isThere(KEY_ID));
  }

  @Test
  void aProjectThatIsThereTakesThem() throws Exception {
    write(aes(KEY_ID, "a", material(1, 32)));
    try (OpenHome home = open(here)) {
      home.makeProject(OTHER_ID.toString(), "another");
    }

    run(new ImportFile(file, OTHER_ID.toString(), false), here);

    try (OpenHome home = open(here)) {
      assertEquals(OTHER_ID.toString(), home.keyring().describe(KEY_ID).project());
    }
  }

  @Test
  void whatIsNoSuchFileIsRefused() throws Exception {
    assertEquals(List.of("there is no file " + file), refusal(importFile(), here));

    Files.writeString(file, "{\"keys\":[{\"privateKey\":\"c2VjcmV0");

    assertEquals(
        List.of(file + " is not valid JSON at line 1, column 33"), refusal(importFile(), here));
  }

  @Test
  void aFileThatIsTooLargeIsRefusedUnread() throws Exception {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), BulkFile.MAX_BYTES);
    }

    assertEquals(
        List.of(file + " is larger than " + BulkFile.MAX_BYTES + " bytes"),
        refusal(importFile(), here));
  }

  @Test
  void whatTheWorldDoesWrongIsNotTheCallersFault() throws Exception {
    Files.createDirectory(file);

    assertThrows(UncheckedIOException.class, () -> run(importFile(), here));
  }
}
