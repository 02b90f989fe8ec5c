package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.key.KeyMetadata;
import org.kms4j.root.RootKeyException;

/** Settings, command line and first start. */
class StartTest {
  private static final Map<String, String> ANY_PORT = Map.of("kms.http.port", "0");

  @TempDir private Path home;

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  @Nested
  class Settings {
    @Test
    void haveDefaults() {
      ServerConfig config = ServerConfig.load(home, Map.of());

      assertEquals("127.0.0.1", config.host());
      assertEquals(8080, config.port());
      assertFalse(config.strict());
    }

    @Test
    void ofTheFileAreOverruledByTheCaller() throws Exception {
      Files.writeString(
          home.resolve("kms.properties"), "kms.http.port=1\nkms.http.host=h\nkms.http.strict=true");

      ServerConfig config = ServerConfig.load(home, Map.of("kms.http.port", "2"));

      assertEquals(2, config.port());
      assertEquals("h", config.host());
      assertTrue(config.strict());
    }

    @Test
    void nameTheAuditLogByTheHomeFolder() {
      assertEquals(
          Optional.of(home.toAbsolutePath().resolve("a.log")),
          ServerConfig.load(home, Map.of("kms.http.audit", "a.log")).audit());
      assertEquals(Optional.empty(), ServerConfig.load(home, Map.of("kms.http.audit", "")).audit());
    }

    @Test
    void knowWhichJdkHasVirtualThreads() {
      String refusal =
          message(
              assertThrows(
                  IllegalArgumentException.class, () -> ServerConfig.threads("virtual", 20)));

      assertTrue(refusal.contains("kms.http.threads"), refusal);
      assertTrue(refusal.contains("JDK 21 or newer"), refusal);
      assertEquals(ServerConfig.Threads.VIRTUAL, ServerConfig.threads("virtual", 21));
      assertEquals(ServerConfig.Threads.PLATFORM, ServerConfig.threads("platform", 17));
      assertEquals(ServerConfig.Threads.PLATFORM, ServerConfig.load(home, Map.of()).threads());
    }

    @ParameterizedTest
    @CsvSource({
      "kms.http.prot,1",
      "kms.http.port,x",
      "kms.http.port,65536",
      "kms.http.port,-1",
      "kms.http.port,''",
      "kms.http.strict,yes",
      "kms.http.threads,green",
      "kms.http.host,''",
      "kms.sotre,x"
    })
    void thatAreUnknownOrBadAreNamed(String name, String value) {
      String message =
          message(
              assertThrows(
                  IllegalArgumentException.class,
                  () -> ServerConfig.load(home, Map.of(name, value))));

      assertTrue(message.contains(name), message);
    }

    @ParameterizedTest
    @CsvSource({
      "kms.http.port,65535,0 to 65535",
      "kms.http.maxTokenAge,315360000,1 to 315360000 (seconds)",
      "kms.http.rateLimit,1000000,0 (off) to 1000000"
    })
    void thatAreNumbersAreAllReadByOneRule(String name, String most, String wanted) {
      ServerConfig.load(home, Map.of(name, most));
      ServerConfig.load(home, Map.of(name, "0" + most));

      String more = String.valueOf(Long.parseLong(most) + 1);
      for (String bad : List.of("+1", "-1", "1 1", "1e3", "0x1", "", "٣", more, "00000000001")) {
        String message =
            message(
                assertThrows(
                    IllegalArgumentException.class,
                    () -> ServerConfig.load(home, Map.of(name, bad))));
        assertEquals("setting " + name + " is '" + bad + "', want " + wanted, message);
      }
    }

    @Test
    void makeAUrlOfAHost() {
      assertEquals(
          "http://[::1]:9", ServerConfig.load(home, Map.of("kms.http.host", "::1")).url(9));
      assertEquals("http://127.0.0.1:9", ServerConfig.load(home, Map.of()).url(9));
    }
  }

  @Nested
  class Arguments {
    @Test
    void becomeSettings() {
      CommandLine line = CommandLine.parse("--home", "h", "--port", "0", "--host", "::1");

      assertEquals(Optional.of("h"), line.home());
      assertEquals(Map.of("kms.http.port", "0", "kms.http.host", "::1"), line.settings());
      assertFalse(line.help());
    }

    @Test
    void mayAskForHelpAnywhere() {
      assertTrue(CommandLine.parse("--port", "1", "--help").help());
    }

    @ParameterizedTest
    @CsvSource({"--prot,--prot", "extra,extra", "--home,--home"})
    void thatAreWrongAreNamed(String argument, String named) {
      String message =
          message(assertThrows(IllegalArgumentException.class, () -> CommandLine.parse(argument)));

      assertTrue(message.contains(named), message);
    }
  }

  @Nested
  class FirstStart {
    @Test
    void makesEverythingForItsOwnerAlone() throws Exception {
      Path made = home.resolve("a/b");
      try (EmbeddedServer server = EmbeddedServer.start(made, ANY_PORT)) {
        assertTrue(server.firstStart());
        assertEquals("rwx------", mode(made));
        for (String file : List.of("root.key", "kms.db", "bootstrap.json")) {
          assertEquals("rw-------", mode(made.resolve(file)), file);
        }
        JsonNode bootstrap = ApiClient.JSON.readTree(made.resolve("bootstrap.json").toFile());
        List<String> names = new ArrayList<>();
        bootstrap.fieldNames().forEachRemaining(names::add);
        assertEquals(
            List.of("url", "organizationId", "projectId", "identityId", "clientId", "clientSecret"),
            names);
        assertEquals(server.url(), bootstrap.get("url").asText());
        assertEquals(KeyMetadata.DEFAULT_PROJECT, bootstrap.get("projectId").asText());
      }
    }

    private static String mode(Path file) throws Exception {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void isNotRepeated() throws Exception {
      EmbeddedServer.start(home, ANY_PORT).close();
      byte[] bootstrap = Files.readAllBytes(home.resolve("bootstrap.json"));
      byte[] rootKey = Files.readAllBytes(home.resolve("root.key"));

      try (EmbeddedServer again = EmbeddedServer.start(home, ANY_PORT)) {
        assertFalse(again.firstStart());
        ApiClient.admin(again.url(), home);
      }

      assertArrayEquals(bootstrap, Files.readAllBytes(home.resolve("bootstrap.json")));
      assertArrayEquals(rootKey, Files.readAllBytes(home.resolve("root.key")));
    }

    @Test
    void leavesABootstrapFileThatWasTakenAwayAway() throws Exception {
      EmbeddedServer.start(home, ANY_PORT).close();
      Files.delete(home.resolve("bootstrap.json"));

      EmbeddedServer.start(home, ANY_PORT).close();

      assertFalse(Files.exists(home.resolve("bootstrap.json")));
    }

    @Test
    void printsNoSecret() throws Exception {
      EmbeddedServer.start(home, ANY_PORT).close();
      String secret =
          ApiClient.JSON
              .readTree(home.resolve("bootstrap.json").toFile())
              .get("clientSecret")
              .asText();

      assertFalse(FirstSteps.text(home, "http://x").contains(secret));
    }

    @Test
    void keysAndTokensSurviveARestart() throws Exception {
      byte[] text = "attack at dawn".getBytes(StandardCharsets.UTF_8);
      String keyId;
      String sealed;
      String token;
      try (EmbeddedServer server = EmbeddedServer.start(home, ANY_PORT)) {
        ApiClient admin = ApiClient.admin(server.url(), home);
        keyId = admin.createKey("a", "aes-256-gcm");
        sealed = admin.seal(keyId, text);
        token = admin.token();
      }

      try (EmbeddedServer server = EmbeddedServer.start(home, ANY_PORT)) {
        ApiClient admin = new ApiClient(server.url(), Optional.of(token));
        assertArrayEquals(text, admin.open(keyId, sealed));
      }
    }
  }

  @Test
  void theFolderOfAnEarlierServerIsNotMadeAnew() throws Exception {
    Path earlier;
    try (EmbeddedServer server = EmbeddedServer.start(home, ANY_PORT)) {
      assertTrue(server.firstStart());
      earlier = Path.of(System.getProperty("catalina.home", "absent"));
      assertTrue(Files.isDirectory(earlier));
    }

    EmbeddedServer.start(home, ANY_PORT).close();

    assertFalse(Files.exists(earlier));
  }

  @Nested
  class Refused {
    @Test
    void byAWrongRootKeyThatIsNamed() throws Exception {
      EmbeddedServer.start(home, ANY_PORT).close();
      Files.delete(home.resolve("root.key"));

      RootKeyException refused =
          assertThrows(RootKeyException.class, () -> EmbeddedServer.start(home, ANY_PORT));

      assertTrue(message(refused).contains("root key"), message(refused));
    }

    @Test
    void byAPortInUseBeforeTheHomeIsTouched() throws Exception {
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        String port = String.valueOf(taken.getLocalPort());

        EmbeddedTomcat.StartException refused =
            assertThrows(
                EmbeddedTomcat.StartException.class,
                () -> EmbeddedServer.start(home, Map.of("kms.http.port", port)));

        assertTrue(
            message(refused).startsWith("cannot listen on 127.0.0.1:" + port), message(refused));
        assertFalse(Files.exists(home.resolve("kms.db")));
      }
    }
  }
}
