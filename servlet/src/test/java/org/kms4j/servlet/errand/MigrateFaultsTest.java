package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.root.RootKeyException;
import org.kms4j.servlet.PostgresServer;
import org.kms4j.store.StoreException;

/** Stores that do not go together, and what is said of them. */
class MigrateFaultsTest extends MigrateCase {
  private String target = "";

  @BeforeEach
  void makeTarget() {
    target = PostgresServer.emptySchema();
  }

  private String rootKeyId(String url) {
    return rows(url).stream()
        .filter(row -> row.startsWith("kms_key_version"))
        .findFirst()
        .orElseThrow()
        .replaceAll(".* root_key_id=(\\S+).*", "$1");
  }

  @Test
  void aTargetOfAnotherRootKeyIsRefusedAndBothAreNamed() throws Exception {
    Path stranger = Files.createDirectory(folder.resolve("stranger"));
    try (OpenHome home = open(stranger, target)) {
      create(home, "a", KeyAlgorithm.AES_256_GCM, false);
    }
    List<String> rows = rows(target);

    List<String> lines = refusal(migrate(here, target));

    assertEquals(
        List.of(
            "the target has keys of root key %s, the source of root key %s"
                .formatted(rootKeyId(target), rootKeyId(url(here)))),
        lines);
    assertEquals(rows, rows(target));
  }

  @Test
  void aHomeWithAnotherRootKeyIsRefused() throws Exception {
    run(migrate(here, target));
    Path stranger = Files.createDirectory(folder.resolve("stranger"));
    open(stranger).close();

    RootKeyException e = assertThrows(RootKeyException.class, () -> run(migrate(target, stranger)));

    assertTrue(String.valueOf(e.getMessage()).contains(rootKeyId(target)), e.getMessage());
  }

  @Test
  void aHomeWithoutARootKeyIsGivenNone() throws Exception {
    run(migrate(here, target));
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThrows(RootKeyException.class, () -> run(migrate(target, empty)));

    try (var files = Files.list(empty)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aKeyOfTheSameNameIsNamedAndNothingIsCopied() throws Exception {
    UUID other;
    try (OpenHome home = open(there, target)) {
      other = create(home, "orders", KeyAlgorithm.AES_256_GCM, false).id();
      create(home, "welcome", KeyAlgorithm.AES_256_GCM, false);
    }
    List<String> rows = rows(target);

    List<String> lines = refusal(migrate(here, target));

    assertEquals(
        List.of(
            "nothing was copied:",
            "key %s (orders): its project and name is taken there by key %s"
                .formatted(orders, other)),
        lines);
    assertEquals(rows, rows(target));
  }

  @Test
  void keysOfOtherNamesStayThere() throws Exception {
    UUID other;
    try (OpenHome home = open(there, target)) {
      other = create(home, "welcome", KeyAlgorithm.AES_256_GCM, false).id();
    }

    run(migrate(here, target));

    assertTrue(rows(target).toString().contains(other.toString()));
    assertTrue(rows(target).containsAll(rows(url(here))));
  }

  @Test
  void whatHasChangedSinceIsNamedAndNotOverwritten() throws Exception {
    run(migrate(here, target));
    try (OpenHome home = open(here)) {
      home.keyring().disable(orders);
    }
    List<String> rows = rows(target);

    List<String> lines = refusal(migrate(here, target));

    assertEquals(
        List.of(
            "nothing was copied:",
            "key %s (orders): is there already, with another state, updated_at".formatted(orders)),
        lines);
    assertEquals(rows, rows(target));
  }

  @Test
  void aServerThatHasBegunAnInstallationThereIsInTheWay() {
    try (OpenHome home = open(there, target)) {
      assertEquals(Optional.empty(), home.keyring().findByName(PROJECT, "orders"));
    }
    change(target, "INSERT INTO auth_organisation VALUES (1, 'another', 5)");

    assertEquals(
        "organisation 1: is there already, with another organisation_id",
        refusal(migrate(here, target)).get(1));
  }

  @Test
  void aCountOfSealsIsRaisedAndNeverLowered() {
    run(migrate(here, target));
    change(target, "UPDATE kms_key_version SET seals = seals + 7 WHERE version = 1");
    change(url(here), "UPDATE kms_key_version SET seals = 1000000 WHERE version = 2");

    run(migrate(here, target));

    String seals = "SELECT 1 FROM kms_key_version WHERE key_id = '" + orders + "' AND seals = ";
    assertEquals(1, change(target, deleteWhere(seals + "7", 1)));
    assertEquals(1, change(target, deleteWhere(seals + "1000000", 2)));
  }

  private static String deleteWhere(String exists, int version) {
    return "DELETE FROM kms_key_version WHERE EXISTS (%s) AND key_id = '%s' AND version = %d"
        .formatted(exists, exists.replaceAll(".*key_id = '([^']*)'.*", "$1"), version);
  }

  @Test
  void aWrapThatDoesNotOpenIsFoundByVerifying() {
    change(
        url(here),
        "UPDATE kms_key_version SET material = ? WHERE version = 2",
        (Object) new byte[60]);

    assertEquals(
        List.of(
            "all was copied, but these keys are not to be trusted there:",
            "key " + orders + ": does not open under the root key"),
        refusal(migrate(here, target)));
  }

  @Test
  void tablesOfAnotherReleaseAreLeftAlone() {
    change(url(here), "UPDATE kms_schema SET version = 1 WHERE part = 'auth'");

    String line = refusal(migrate(here, target)).get(0);

    assertTrue(line.contains("has tables 'auth' of version 1"), line);
  }

  @Test
  void whatIsNoStoreIsNotMadeOne() throws Exception {
    assertTrue(refusal(migrate(there, target)).get(0).startsWith("there is no store "));
    assertTrue(refusal(migrate(folder.resolve("nowhere"), target)).get(0).contains("no folder"));
    assertTrue(refusal(migrate(here, here)).get(0).endsWith(" is the store of both"));
    assertTrue(refusal(migrate(here, url(here))).get(0).endsWith(" is the store of both"));
    assertTrue(refusal(migrate(url(here), target)).get(0).startsWith("--home is to name"));
    String empty = PostgresServer.emptySchema();
    StoreException e = assertThrows(StoreException.class, () -> run(migrate(empty, there)));
    assertTrue(String.valueOf(e.getMessage()).contains("is no store of kms4j"), e.getMessage());
    try (var files = Files.list(there)) {
      assertEquals(List.of("root.key"), files.map(f -> f.getFileName().toString()).toList());
    }
  }

  @Test
  void betweenTwoUrlsAHomeNamesTheRootKey() throws Exception {
    Migrate errand = new Migrate(url(here), target, Optional.of(there.toString()));

    run(errand);

    assertEquals(rows(url(here)), rows(target));
  }
}
