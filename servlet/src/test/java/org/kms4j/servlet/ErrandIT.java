package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.errand.InfisicalTables;

/** {@code java -jar kms4j.war VERB}, as a user types it. */
class ErrandIT {
  private static final String WAR = System.getProperty("it.war", "absent");
  private static final String LISTENING = "listening on ";
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private ServerProcess start(Map<String, String> environment, String... arguments)
      throws IOException {
    return ServerProcess.startWar(WAR, folder, environment, arguments);
  }

  private ServerProcess serve(String home) throws IOException {
    return start(Map.of(), "--port", "0", "--home", home);
  }

  private ApiClient admin(ServerProcess server, String home) throws Exception {
    String url = server.await(LISTENING).substring(LISTENING.length());
    return ApiClient.admin(url, folder.resolve(home));
  }

  /** Runs to its end and says the lines. */
  private List<String> ends(int status, Map<String, String> environment, String... arguments)
      throws Exception {
    try (ServerProcess process = start(environment, arguments)) {
      assertEquals(status, process.awaitEnd(), () -> process.lines().toString());
      return process.lines();
    }
  }

  @Test
  void aKeyMovesBetweenTwoHomesWhoseServersRun() throws Exception {
    try (ServerProcess one = serve("one");
        ServerProcess two = serve("two")) {
      ApiClient atOne = admin(one, "one");
      ApiClient atTwo = admin(two, "two");
      String keyId = atOne.createKey("orders", "aes-256-gcm");
      String sealed = atOne.seal(keyId, TEXT);
      assertEquals(404, atTwo.decrypt(keyId, sealed).status());

      List<String> exported = ends(0, Map.of(), "export-infisical", "f.json", "--home", "one");
      List<String> imported = ends(0, Map.of(), "import-infisical", "f.json", "--home", "two");
      List<String> again = ends(0, Map.of(), "import-infisical", "f.json", "--home", "two");

      assertTrue(exported.contains("exported: orders " + keyId), exported.toString());
      assertTrue(imported.contains("imported: orders " + keyId), imported.toString());
      assertTrue(again.contains("0 imported, 1 there already, 0 left out"), again.toString());
      assertArrayEquals(TEXT, atTwo.open(keyId, sealed));
      assertArrayEquals(TEXT, atOne.open(keyId, atTwo.seal(keyId, TEXT)));
    }
  }

  @Test
  void aHomeThatIsNewIsMadeByAnImportAndKeepsTheKeysWhenItIsServed() throws Exception {
    String keyId = "7f894dc7-da51-4556-b9e4-c862b44c4f80";
    Files.writeString(
        folder.resolve("f.json"),
        """
        {"keys": [{
          "keyId": "%s", "name": "a", "keyUsage": "encrypt-decrypt", "algorithm": "aes-128-gcm",
          "privateKey": "AAAAAAAAAAAAAAAAAAAAAA=="
        }]}
        """
            .formatted(keyId));

    ends(0, Map.of(), "import-infisical", "f.json", "--home", "new");

    try (ServerProcess server = serve("new")) {
      ApiClient admin = admin(server, "new");
      assertArrayEquals(TEXT, admin.open(keyId, admin.seal(keyId, TEXT)));
    }
  }

  @Test
  void aWholeDatabaseIsTakenOverAndServedToWhoBecomesAMember() throws Exception {
    String outer = "0123456789abcdef0123456789abcdef";
    byte[] root = Arrays.copyOf(TEXT, 32);
    byte[] first = Arrays.copyOf(new byte[] {1}, 32);
    UUID keyId = UUID.randomUUID();
    try (InfisicalTables tables = InfisicalTables.open(root);
        ServerProcess server = serve("home")) {
      tables.root(InfisicalTables.wrap(outer.getBytes(StandardCharsets.US_ASCII), root));
      tables.key(keyId, "orders", "aes-256-gcm", first, Arrays.copyOf(new byte[] {2}, 32));
      ApiClient admin = admin(server, "home");

      List<String> lines =
          ends(
              0,
              Map.of("ENCRYPTION_KEY", outer),
              "import-infisical",
              "--from",
              tables.url(),
              "--home",
              "home");

      assertTrue(lines.contains("imported: orders " + keyId), lines.toString());
      String identity =
          ApiClient.JSON
              .readTree(folder.resolve("home/bootstrap.json").toFile())
              .get("identityId")
              .asText();
      admin
          .post(
              "/api/v1/projects/%s/identity-memberships/%s"
                  .formatted(InfisicalTables.PROJECT, identity),
              "{\"role\":\"admin\"}")
          .ok();
      byte[] wrapped = InfisicalTables.wrap(first, TEXT);
      byte[] message = Arrays.copyOf(wrapped, wrapped.length + 3);
      System.arraycopy(new byte[] {'v', '0', '1'}, 0, message, wrapped.length, 3);
      assertArrayEquals(TEXT, admin.open(keyId.toString(), ApiClient.base64(message)));
    }
  }

  @Test
  void aWholeHomeMovesToPostgreSqlAndItsTokensServeThere() throws Exception {
    String store = PostgresServer.emptySchema();
    String keyId;
    String sealed;
    String token;
    try (ServerProcess server = serve("one")) {
      ApiClient admin = admin(server, "one");
      keyId = admin.createKey("orders", "aes-256-gcm");
      sealed = admin.seal(keyId, TEXT);
      token = admin.token();
    }

    List<String> lines = ends(0, Map.of(), "migrate", "--from", "one", "--to", store);

    assertTrue(lines.contains("kms_key: 2 copied, 0 there already"), lines.toString());
    try (ServerProcess server = start(Map.of("KMS_STORE", store), "--port", "0", "--home", "one")) {
      String url = server.await(LISTENING).substring(LISTENING.length());
      assertArrayEquals(TEXT, ApiClient.anonymous(url).withToken(token).open(keyId, sealed));
    }
    ends(2, Map.of(), "migrate", "--from", "one", "--to", "one");
  }

  @Test
  void whatWasAskedWrongEndsWithTwo() throws Exception {
    Files.writeString(folder.resolve("bad.json"), "{\"keys\":[{\"name\":\"a\"}]}");

    List<String> lines = ends(2, Map.of(), "import-infisical", "bad.json", "--home", "new");

    assertEquals("kms4j: nothing was imported:", lines.get(0));
    assertTrue(lines.get(1).startsWith("  entry 1 (a): keyId "), lines.toString());
    assertFalse(Files.exists(folder.resolve("new")), "no home is made for a faulty file");
    ends(2, Map.of(), "export-infisical", "f.json", "--home", "nowhere");
    ends(2, Map.of(), "export-infisical");
    ends(2, Map.of(), "import-infisical", "--from", "jdbc:postgresql://127.0.0.1:1/x", "f.json");
  }

  @Test
  void whatTheWorldDoesWrongEndsWithOne() throws Exception {
    String nobody = "jdbc:postgresql://127.0.0.1:1/x?user=u&password=SECRET";

    List<String> lines =
        ends(
            1,
            Map.of("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
            "import-infisical",
            "--from",
            nobody);

    assertFalse(lines.toString().contains("SECRET"), lines.toString());
    assertFalse(lines.toString().contains("0123456789abcdef"), lines.toString());
    assertTrue(lines.toString().contains("cannot be opened"), lines.toString());
  }

  @Test
  void aDatabaseThatIsNotInfisicalsIsRefused() throws Exception {
    List<String> lines =
        ends(1, Map.of(), "import-infisical", "--from", PostgresServer.emptySchema());

    assertTrue(lines.toString().contains("kms_root_config"), lines.toString());
  }

  @Test
  void helpTellsTheVerbs() throws Exception {
    List<String> lines = ends(0, Map.of(), "export-infisical", "--help");

    for (String word :
        List.of(
            "import-infisical FILE",
            "--from jdbc:postgresql:",
            "--newest-only",
            "migrate --from")) {
      assertTrue(lines.toString().contains(word), lines.toString());
    }
  }
}
