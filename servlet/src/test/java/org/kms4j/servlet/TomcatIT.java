package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same WAR in an unmodified Tomcat 11. */
class TomcatIT {
  private static final String WAR = System.getProperty("it.war", "absent");
  private static final Path TOMCAT = Path.of(System.getProperty("it.tomcat", "absent"));

  private static final String SERVER_XML =
      """
      <Server port="-1">
        <Service name="Catalina">
          <Connector port="%d" address="127.0.0.1" protocol="HTTP/1.1"/>
          <Engine name="Catalina" defaultHost="localhost">
            <Host name="localhost" appBase="webapps"/>
          </Engine>
        </Service>
      </Server>
      """;

  @TempDir private Path folder;

  private ServerProcess start(int port, String home) throws Exception {
    for (String name : List.of("conf", "logs", "temp", "webapps", "work")) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.copy(TOMCAT.resolve("conf/web.xml"), folder.resolve("conf/web.xml"));
    Files.writeString(folder.resolve("conf/server.xml"), SERVER_XML.formatted(port));
    Files.copy(Path.of(WAR), folder.resolve("webapps/kms4j.war"));
    return ServerProcess.start(
        folder,
        Map.of(),
        List.of(
            ServerProcess.java(),
            "-Dcatalina.home=" + TOMCAT,
            "-Dcatalina.base=" + folder,
            "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager",
            "-Djava.util.logging.config.file=" + TOMCAT.resolve("conf/logging.properties"),
            "-Djava.io.tmpdir=" + folder.resolve("temp"),
            "-Dkms.home=" + home,
            "-cp",
            TOMCAT.resolve("bin/bootstrap.jar") + ":" + TOMCAT.resolve("bin/tomcat-juli.jar"),
            "org.apache.catalina.startup.Bootstrap",
            "start"));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void servesTheApiAndNothingElseAndLeavesNothingBehind() throws Exception {
    Path home = folder.resolve("home");
    int port = freePort();
    byte[] text = "attack at dawn".getBytes(StandardCharsets.UTF_8);
    try (ServerProcess tomcat = start(port, home.toString());
        JarFile war = new JarFile(WAR)) {
      tomcat.await("Server startup in");
      ApiClient admin = ApiClient.admin("http://127.0.0.1:" + port + "/kms4j", home);

      String keyId = admin.createKey("a", "aes-256-gcm");
      assertArrayEquals(text, admin.open(keyId, admin.seal(keyId, text)));
      assertEquals("Ok", admin.get("/api/status").ok().get("message").asText());

      for (JarEntry entry : war.stream().toList()) {
        ApiClient.Answer answer = admin.get("/" + entry.getName());
        assertEquals(404, answer.status(), entry.getName());
        assertEquals("Not Found", answer.error(), entry.getName());
      }
      for (String path : List.of("/", "/index.jsp", "/x.jsp", "/WEB-INF/", "/META-INF/x")) {
        assertEquals("Not Found", admin.get(path).error(), path);
      }
      admin
          .send(
              "POST",
              "/api/v1/kms/keys/" + keyId + "/encrypt",
              "application/json",
              java.net.http.HttpRequest.BodyPublishers.ofByteArray(new byte[4 << 20]))
          .is(400, "BadRequest", "The body is larger than 2097152 bytes");

      tomcat.terminate();
      tomcat.awaitEnd();
      String log = String.join("\n", tomcat.lines());
      assertTrue(log.contains("Destroying ProtocolHandler"), log);
      assertFalse(log.contains("forcibly unregistered"), log);
      assertFalse(log.contains("appears to have started a thread"), log);
      assertFalse(log.contains("SEVERE"), log);
    }
  }

  @Test
  void aWrongSettingKeepsItFromStartingAndIsNamed() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.writeString(home.resolve("kms.properties"), "kms.http.nothing=1\n");
    int port = freePort();
    try (ServerProcess tomcat = start(port, home.toString())) {
      tomcat.await("kms.http.nothing");
      tomcat.await("Server startup in");

      assertFalse(Files.exists(home.resolve("kms.db")));
    }
  }
}
