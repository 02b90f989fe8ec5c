package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.servlet.PostgresServer;
import org.kms4j.store.StoreException;

/** Whole Infisical databases, on a real PostgreSQL. */
class ImportDatabaseTest extends HomeCase {
  private static final String OUTER = "0123456789abcdef0123456789abcdef";
  private static final byte[] OUTER_BYTES = OUTER.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ROOT = material(7, 32);
  private static final String OWN_STAY = "1 keys of Infisical's own stay where they are";

  private InfisicalTables tables;

  @BeforeEach
  void makeTables() throws Exception {
    tables = InfisicalTables.open(ROOT);
    tables.root(InfisicalTables.wrap(OUTER_BYTES, ROOT));
    tables.bare(UUID.randomUUID(), "own", InfisicalTables.PROJECT.toString(), true);
    tables.execute("UPDATE kms_keys SET \"projectId\" = NULL");
  }

  @AfterEach
  void closeTables() {
    // Where PostgreSQL does not start, the test was skipped before there were any.
    if (tables != null) {
      tables.close();
    }
  }

  private ImportDatabase takeOver() {
    return takeOver(Map.of("ENCRYPTION_KEY", OUTER));
  }

  private ImportDatabase takeOver(Map<String, String> environment) {
    return new ImportDatabase(tables.url(), Optional.empty(), false, environment);
  }

  private ImportDatabase takeOverOfGoodOnes() {
    return new ImportDatabase(
        tables.url(), Optional.empty(), true, Map.of("ENCRYPTION_KEY", OUTER));
  }

  private KeyMetadata describe(UUID keyId) throws Exception {
    try (OpenHome home = open(here)) {
      return home.keyring().describe(keyId);
    }
  }

  private static byte[] v02(byte[] key, int version) throws Exception {
    byte[] sealed = InfisicalTables.wrap(key, TEXT);
    return ByteBuffer.allocate(sealed.length + 7)
        .put(sealed)
        .putInt(version)
        .put("v02".getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  private static byte[] v01(byte[] key) throws Exception {
    byte[] sealed = InfisicalTables.wrap(key, TEXT);
    return ByteBuffer.allocate(sealed.length + 3)
        .put(sealed)
        .put("v01".getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  @Test
  void aKeyComesWithItsIdNameProjectAndDescription() throws Exception {
    tables.key(KEY_ID, "orders", "aes-256-gcm", material(1, 32));
    tables.execute("UPDATE kms_keys SET description = 'of the shop' WHERE name = 'orders'");

    List<String> lines = run(takeOver(), here);

    assertEquals(
        List.of(
            OWN_STAY,
            "made project: payments " + InfisicalTables.PROJECT,
            "imported: orders " + KEY_ID,
            "1 imported, 0 there already, 0 left out"),
        lines);
    KeyMetadata key = describe(KEY_ID);
    assertEquals("orders", key.name());
    assertEquals("of the shop", key.description());
    assertEquals(InfisicalTables.PROJECT.toString(), key.project());
    assertEquals(KeyAlgorithm.AES_256_GCM, key.algorithm());
    assertEquals(KeyState.ENABLED, key.state());
    assertTrue(key.exportable());
  }

  @Test
  void aRotatedKeyOpensWhatEachVersionHasSealed() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32), material(2, 32), material(3, 32));

    run(takeOver(), here);

    assertEquals(3, describe(KEY_ID).primaryVersion());
    try (OpenHome home = open(here)) {
      assertArrayEquals(TEXT, unseal(home, KEY_ID, v01(material(1, 32))));
      assertArrayEquals(TEXT, unseal(home, KEY_ID, v02(material(2, 32), 2)));
      assertArrayEquals(TEXT, unseal(home, KEY_ID, v02(material(3, 32), 3)));
    }
  }

  @Test
  void aTableThatHoldsTheCurrentVersionTooIsReadTheSame() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32), material(2, 32));
    tables.version(KEY_ID, 2, InfisicalTables.wrap(ROOT, material(2, 32)));

    run(takeOver(), here);

    assertEquals(2, describe(KEY_ID).primaryVersion());
  }

  @Test
  void whatWasDisabledOrNotExportableStaysSo() throws Exception {
    tables.key(KEY_ID, "a", "aes-128-gcm", material(1, 16));
    tables.execute("UPDATE kms_keys SET \"isDisabled\" = true, \"isExportable\" = false");

    run(takeOver(), here);

    KeyMetadata key = describe(KEY_ID);
    assertEquals(KeyState.DISABLED, key.state());
    assertFalse(key.exportable());
  }

  @Test
  void aDatabaseOf2024IsReadToo() throws Exception {
    try (InfisicalTables older = InfisicalTables.older(ROOT)) {
      older.root(InfisicalTables.wrap(OUTER_BYTES, ROOT));
      older.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
      ImportDatabase errand =
          new ImportDatabase(older.url(), Optional.empty(), false, Map.of("ENCRYPTION_KEY", OUTER));

      run(errand, here);
    }

    assertTrue(describe(KEY_ID).exportable());
  }

  @Test
  void aMacKeyAndAPairComeInTheirForms() throws Exception {
    UUID pair = UUID.randomUUID();
    tables.key(KEY_ID, "mac", "HMAC_SHA_256", material(1, 32));
    try (OpenHome home = open(there)) {
      create(home, "pair", KeyAlgorithm.ECC_NIST_P256, true);
    }
    run(new ExportFile(file, PROJECT, java.util.Set.of(), false, false), there);
    JsonNode exported = JSON.readTree(file.toFile()).at("/keys/0");
    byte[] pem = Base64.getDecoder().decode(exported.get("privateKey").asText());
    tables.key(pair, "pair", "ECC_NIST_P256", pem);

    run(takeOver(), here);

    try (OpenHome home = open(here)) {
      assertArrayEquals(
          Base64.getDecoder().decode(exported.get("publicKey").asText()),
          home.keyring().publicKey(pair).getEncoded());
      assertTrue(home.keyring().holds(KEY_ID, material(1, 32)));
    }
  }

  @Test
  void aSecondRunFindsAllThereAndTakesWhatIsNew() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32), material(2, 32));
    run(takeOver(), here);
    UUID later = UUID.randomUUID();
    tables.key(later, "b", "aes-256-gcm", material(3, 32));

    List<String> lines = run(takeOver(), here);

    assertEquals(
        List.of(
            OWN_STAY,
            "there already: a " + KEY_ID + ", in project " + InfisicalTables.PROJECT,
            "imported: b " + later,
            "1 imported, 1 there already, 0 left out"),
        lines);
  }

  @Test
  void aKeyThatWasRotatedThereSinceIsNamed() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
    run(takeOver(), here);
    tables.version(KEY_ID, 1, InfisicalTables.wrap(ROOT, material(1, 32)));
    tables.execute(
        "UPDATE internal_kms SET version = 2, \"encryptedKey\" = ?",
        InfisicalTables.wrap(ROOT, material(2, 32)));

    assertEquals(
        List.of(
            "nothing was imported:",
            "key %s (a): there is a key %s with other material already".formatted(KEY_ID, KEY_ID)),
        refusal(takeOver(), here));
  }

  @Test
  void allFaultsAreNamedAndNothingIsWritten() throws Exception {
    tables.key(KEY_ID, "good", "aes-256-gcm", material(1, 32));
    UUID curve = UUID.randomUUID();
    tables.key(curve, "k1", "ECC_SECG_P256K1", material(1, 32));
    UUID changed = UUID.randomUUID();
    byte[] wrap = InfisicalTables.wrap(ROOT, material(2, 32));
    wrap[20] ^= 1;
    tables.wrapped(changed, "k2", "aes-256-gcm", List.of(wrap));
    UUID gap = UUID.randomUUID();
    tables.key(gap, "k3", "aes-256-gcm", material(3, 32), material(4, 32));
    tables.execute("DELETE FROM internal_kms_key_version");
    UUID queued = UUID.randomUUID();
    tables.key(queued, "k4", "aes-256-gcm", material(5, 32));
    tables.version(queued, 2, InfisicalTables.wrap(ROOT, material(6, 32)));
    UUID pending = UUID.randomUUID();
    tables.bare(pending, "k5", InfisicalTables.PROJECT.toString(), false);
    UUID shorter = UUID.randomUUID();
    tables.key(shorter, "k6", "aes-256-gcm", material(7, 31));
    UUID planted = UUID.randomUUID();
    tables.project("kms4j", "kms4j");
    tables.key(planted, "access-tokens", "HMAC_SHA_256", material(8, 32));
    tables.execute("UPDATE kms_keys SET \"projectId\" = 'kms4j' WHERE name = 'access-tokens'");

    List<String> lines = refusal(takeOver(), here);

    assertEquals(
        List.of(
            "nothing was imported:",
            "key " + curve + " (k1): its algorithm ECC_SECG_P256K1 is not known here",
            "key " + changed + " (k2): version 1 does not open under the root key",
            "key " + gap + " (k3): version 1 is missing",
            "key "
                + queued
                + " (k4): version 2 waits to be taken into use: rotate the key there first",
            "key " + pending + " (k5): has no material there: it is imported or kept elsewhere",
            "key "
                + shorter
                + " (k6): Invalid key material length for aes-256-gcm. Expected 32 bytes, got 31.",
            "key " + planted + " (access-tokens): its project has an id that is no UUID"),
        lines);
    assertFalse(Files.exists(here.resolve("kms.db")));

    List<String> good = run(takeOverOfGoodOnes(), here);

    assertEquals("1 imported, 0 there already, 7 left out", good.get(good.size() - 1));
    assertEquals("good", describe(KEY_ID).name());
  }

  @Test
  void oneProjectMayComeAlone() throws Exception {
    UUID other = UUID.fromString("55555555-5555-4555-8555-555555555555");
    tables.project(other.toString(), "other");
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
    UUID elsewhere = UUID.randomUUID();
    tables.key(elsewhere, "b", "aes-256-gcm", material(2, 32));
    tables.execute("UPDATE kms_keys SET \"projectId\" = ? WHERE name = 'b'", other.toString());
    Map<String, String> environment = Map.of("ENCRYPTION_KEY", OUTER);

    List<String> lines =
        run(
            new ImportDatabase(tables.url(), Optional.of(other.toString()), false, environment),
            here);

    assertEquals("imported: b " + elsewhere, lines.get(2));
    assertEquals(
        List.of("project x has no key there"),
        refusal(new ImportDatabase(tables.url(), Optional.of("x"), false, environment), here));
  }

  @Test
  void theRootKeyMayBeWrappedByTheKeyThatWasOrWillBeInForce() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
    String next = OUTER.replace('0', 'z');
    tables.root(
        UUID.randomUUID().toString(),
        InfisicalTables.wrap(next.getBytes(StandardCharsets.US_ASCII), ROOT));

    List<String> lines = run(takeOver(Map.of("ENCRYPTION_KEY", next)), here);

    assertEquals("imported: a " + KEY_ID, lines.get(2));
  }

  @Test
  void theOuterKeyMayBeInBase64() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
    String base64 = Base64.getEncoder().encodeToString(OUTER_BYTES);

    run(takeOver(Map.of("ROOT_ENCRYPTION_KEY", base64)), here);

    List<String> again = run(takeOver(Map.of("ENCRYPTION_KEY", base64)), here);
    assertEquals("0 imported, 1 there already, 0 left out", again.get(2));
  }

  @Test
  void aWrongOrMissingOuterKeyIsNamedAndNeverShown() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32));
    String wrong = OUTER.replace('0', 'z');

    assertEquals(
        List.of("ENCRYPTION_KEY does not open the root key of this database"),
        refusal(takeOver(Map.of("ENCRYPTION_KEY", wrong, "ROOT_ENCRYPTION_KEY", OUTER)), here));
    assertEquals(
        List.of("ENCRYPTION_KEY is no key of 32 bytes"),
        refusal(takeOver(Map.of("ENCRYPTION_KEY", "short")), here));
    assertEquals(
        List.of("ROOT_ENCRYPTION_KEY is no key of 32 bytes"),
        refusal(takeOver(Map.of("ROOT_ENCRYPTION_KEY", OUTER)), here));
    assertEquals(
        List.of("the environment has neither ENCRYPTION_KEY nor ROOT_ENCRYPTION_KEY"),
        refusal(takeOver(Map.of()), here));
  }

  @Test
  void aRootKeyInAnHsmIsRefused() {
    tables.execute("UPDATE kms_root_config SET \"encryptionStrategy\" = 'HSM'");

    assertTrue(refusal(takeOver(), here).get(0).contains("it is in an HSM"));
  }

  @Test
  void whatIsNoSuchDatabaseIsRefused() {
    assertEquals(
        List.of("--from wants a jdbc:postgresql://… URL"),
        refusal(new ImportDatabase("jdbc:sqlite:x", Optional.empty(), false, Map.of()), here));
    ImportDatabase empty =
        new ImportDatabase(
            PostgresServer.emptySchema(), Optional.empty(), false, Map.of("ENCRYPTION_KEY", OUTER));
    assertThrows(StoreException.class, () -> run(empty, here));
  }

  @Test
  void aHomeWithItsStoreInPostgreSqlTakesThemToo() throws Exception {
    tables.key(KEY_ID, "a", "aes-256-gcm", material(1, 32), material(2, 32));
    Files.writeString(
        here.resolve("kms.properties"),
        "kms.store = " + PostgresServer.emptySchema().replace("\\", "\\\\"));

    run(takeOver(), here);

    assertFalse(Files.exists(here.resolve("kms.db")));
    try (OpenHome home = open(here)) {
      assertArrayEquals(TEXT, unseal(home, KEY_ID, v01(material(1, 32))));
      assertTrue(home.hasProject(InfisicalTables.PROJECT.toString()));
    }
  }

  /** Root key, key and message that a running Infisical server made. */
  @Test
  void whatWasCapturedFromARunningServerOpensAfterTheTakeOver() throws Exception {
    JsonNode captured = captured();
    HexFormat hex = HexFormat.of();
    UUID keyId = UUID.fromString(captured.get("keyId").asText());
    try (InfisicalTables theirs = InfisicalTables.older(material(0, 32))) {
      theirs.root(hex.parseHex(captured.get("wrappedRootKeyHex").asText()));
      theirs.wrapped(
          keyId,
          "captured",
          captured.get("algorithm").asText(),
          List.of(hex.parseHex(captured.get("wrappedKeyMaterialHex").asText())));
      Map<String, String> environment =
          Map.of("ENCRYPTION_KEY", captured.get("ENCRYPTION_KEY_utf8").asText());

      run(new ImportDatabase(theirs.url(), Optional.empty(), false, environment), here);
    }

    byte[] message = Base64.getDecoder().decode(captured.get("ciphertextBase64").asText());
    try (OpenHome home = open(here)) {
      assertEquals(
          captured.get("plaintextUtf8").asText(),
          new String(unseal(home, keyId, message), StandardCharsets.UTF_8));
    }
  }

  private static JsonNode captured() throws Exception {
    String wanted = System.getProperty("kms.shared", "../shared");
    Path vectors =
        Stream.of(wanted, "../../shared")
            .map(shared -> Path.of(shared, "vectors", "infisical.json"))
            .filter(Files::isRegularFile)
            .findFirst()
            .orElse(Path.of(""));
    assumeTrue(Files.isRegularFile(vectors), "skipped: no vectors/infisical.json in " + wanted);
    return JSON.readTree(vectors.toFile()).get("captured");
  }
}
