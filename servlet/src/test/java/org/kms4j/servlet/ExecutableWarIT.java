package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar kms4j.war}, as a user starts it. */
@SuppressWarnings("StringConcatToTextBlock") // what ends in CR and LF is clearer in pieces
class ExecutableWarIT {
  private static final String WAR = System.getProperty("it.war", "absent");
  private static final String LISTENING = "listening on http://127.0.0.1:";
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private ServerProcess start(Map<String, String> environment, String... arguments)
      throws IOException {
    return ServerProcess.startWar(WAR, folder, environment, arguments);
  }

  private ServerProcess startAny() throws IOException {
    return start(Map.of(), "--port", "0");
  }

  private static String url(ServerProcess server) throws InterruptedException {
    return server.await(LISTENING).substring("listening on ".length());
  }

  private void assertEnds(int status, String text, ServerProcess server) throws Exception {
    try (server) {
      assertEquals(status, server.awaitEnd(), () -> server.lines().toString());
      assertEquals(1, server.lines().size(), () -> server.lines().toString());
      assertTrue(server.lines().get(0).contains(text), () -> server.lines().toString());
    }
  }

  @Test
  void theFirstStartMakesAHomeThatALaterOneKeeps() throws Exception {
    Path home = folder.resolve("kms4j-home");
    String keyId;
    String sealed;
    try (ServerProcess first = startAny()) {
      ApiClient admin = ApiClient.admin(url(first), home);
      keyId = admin.createKey("a", "aes-256-gcm");
      sealed = admin.seal(keyId, TEXT);
      assertTrue(first.lines().toString().contains("bootstrap.json"));
      first.terminate();
      assertEquals(143, first.awaitEnd(), () -> first.lines().toString());
    }
    byte[] bootstrap = Files.readAllBytes(home.resolve("bootstrap.json"));

    try (ServerProcess second = startAny()) {
      ApiClient admin = ApiClient.admin(url(second), home);
      assertArrayEquals(TEXT, admin.open(keyId, sealed));
      assertEquals(1, second.lines().size(), () -> second.lines().toString());
    }
    assertArrayEquals(bootstrap, Files.readAllBytes(home.resolve("bootstrap.json")));
  }

  @Test
  void whatItPrintsAtFirstWorksWhenPasted() throws Exception {
    try (ServerProcess server = startAny()) {
      url(server);
      List<String> lines = server.lines();
      int from = lines.indexOf("") + 1;
      int to = from + lines.subList(from, lines.size()).indexOf("");
      String script = String.join("\n", lines.subList(from, to));

      try (ServerProcess shell =
          ServerProcess.start(folder, Map.of(), List.of("bash", "-c", script))) {
        assertEquals(0, shell.awaitEnd());
        assertEquals(List.of("attack at dawn"), shell.lines());
      }
    }
  }

  @Test
  void theCommandLineWinsOverEnvironmentSystemPropertyAndFile() throws Exception {
    Path home = Files.createDirectory(folder.resolve("h"));
    Files.writeString(home.resolve("kms.properties"), "kms.http.port=1\nkms.http.host=0.0.0.1\n");
    List<String> arguments =
        List.of(
            "-Dkms.http.port=2",
            "-Dkms.http.host=0.0.0.2",
            "-Dkms.home=nowhere",
            "-jar",
            WAR,
            "--port",
            "0");
    Map<String, String> environment =
        Map.of(
            "KMS_HTTP_PORT", "3",
            "KMS_HTTP_HOST", "127.0.0.1",
            "KMS_HOME", home.toString());

    try (ServerProcess server = ServerProcess.startJava(folder, environment, arguments)) {
      ApiClient.admin(url(server), home);
    }
  }

  @Test
  void helpIsHelp() throws Exception {
    try (ServerProcess server = start(Map.of(), "--help")) {
      assertEquals(0, server.awaitEnd());
      String help = String.join("\n", server.lines());
      for (String word :
          List.of(
              "--home", "--host", "--port", "KMS_ROOT", "kms.http.strict", "import-infisical")) {
        assertTrue(help.contains(word), help);
      }
    }
  }

  @Test
  void whatIsWrongIsNamedInOneLine() throws Exception {
    assertEnds(2, "--prot", start(Map.of(), "--prot", "1"));
    assertEnds(2, "kms.http.port", start(Map.of(), "--port", "x"));
    assertEnds(2, "kms.http.nothing", start(Map.of("KMS_HTTP_NOTHING", "1"), "--port", "0"));
    Files.writeString(folder.resolve("kms4j-home/kms.properties"), "kms.sotre = x\n");
    assertEnds(2, "kms.sotre", start(Map.of(), "--port", "0"));
  }

  @Test
  void aWrongRootKeyStopsIt() throws Exception {
    try (ServerProcess server = startAny()) {
      url(server);
    }
    Files.delete(folder.resolve("kms4j-home/root.key"));

    assertEnds(1, "the store wants root key ", startAny());
  }

  @Test
  void aPortInUseStopsIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());

      assertEnds(1, "cannot listen on 127.0.0.1:" + port, start(Map.of(), "--port", port));
    }
  }

  @Test
  void aRequestUnderWayIsAnsweredBeforeItEnds() throws Exception {
    try (ServerProcess server = startAny()) {
      String url = url(server);
      ApiClient admin = ApiClient.admin(url, folder.resolve("kms4j-home"));
      String keyId = admin.createKey("a", "aes-256-gcm");
      String body = "{\"plaintext\":\"aGVsbG8=\"}";
      try (Socket socket = connect(url)) {
        socket.setSoTimeout(20_000);
        OutputStream out = socket.getOutputStream();
        out.write(
            ("POST /api/v1/kms/keys/"
                    + keyId
                    + "/encrypt HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
                    + admin.token()
                    + "\r\ncontent-type: application/json\r\ncontent-length: "
                    + body.length()
                    + "\r\nexpect: 100-continue\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        // It has begun to read the body.
        assertEquals(
            "HTTP/1.1 100 \r\n\r\n", new String(in.readNBytes(17), StandardCharsets.US_ASCII));

        server.terminate();
        while (accepts(url)) {
          Thread.onSpinWait();
        }
        out.write(body.getBytes(StandardCharsets.US_ASCII));

        String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        assertTrue(answer.contains("\"ciphertext\""), answer);
      }
      assertEquals(143, server.awaitEnd(), () -> server.lines().toString());
    }
  }

  private static Socket connect(String url) throws IOException {
    URI uri = URI.create(url);
    return new Socket(uri.getHost(), uri.getPort());
  }

  private static boolean accepts(String url) {
    try (Socket socket = connect(url)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void nothingOfTheWarIsServed() throws Exception {
    try (ServerProcess server = startAny();
        JarFile war = new JarFile(WAR)) {
      ApiClient client = ApiClient.anonymous(url(server));
      for (JarEntry entry : war.stream().toList()) {
        ApiClient.Answer answer = client.get("/" + entry.getName());
        assertEquals(404, answer.status(), entry.getName());
        assertEquals("Not Found", answer.error(), entry.getName());
      }
    }
  }

  @Test
  void whatItUnpacksStartsFromAnOrdinaryClassPath() throws Exception {
    try (ServerProcess unpacking = start(Map.of(), "unpack", "server")) {
      assertEquals(0, unpacking.awaitEnd(), () -> unpacking.lines().toString());
    }
    Path starter = folder.resolve("server/kms4j.jar");
    // Of the whole server an archive of classes can be made: no class loader of ours is in the way.
    Path archive = folder.resolve("kms4j.jsa");
    List<String> arguments =
        List.of("-XX:ArchiveClassesAtExit=" + archive, "-jar", starter.toString(), "--port", "0");

    try (ServerProcess server = ServerProcess.startJava(folder, Map.of(), arguments)) {
      ApiClient admin = ApiClient.admin(url(server), folder.resolve("kms4j-home"));
      String keyId = admin.createKey("a", "aes-256-gcm");
      assertArrayEquals(TEXT, admin.open(keyId, admin.seal(keyId, TEXT)));
      server.terminate();
      assertEquals(143, server.awaitEnd(), () -> server.lines().toString());
    }
    assertTrue(Files.size(archive) > 0);
  }

  @Test
  void itUnpacksIntoANewFolderAlone() throws Exception {
    assertEnds(2, "is there already", start(Map.of(), "unpack", folder.toString()));
    assertEnds(2, "wants one folder", start(Map.of(), "unpack"));
    assertEnds(1, "cannot unpack", start(Map.of(), "unpack", "no/such/folder"));
  }

  @Test
  void noTemporaryFileIsLeft() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (ServerProcess server =
        ServerProcess.startWar(
            WAR, temporary, Map.of(), "--home", folder.resolve("home").toString(), "--port", "0")) {
      url(server);
      server.terminate();
      server.awaitEnd();
    }

    try (var left = Files.list(temporary)) {
      assertFalse(left.anyMatch(path -> path.getFileName().toString().startsWith("kms4j")));
    }
  }
}
