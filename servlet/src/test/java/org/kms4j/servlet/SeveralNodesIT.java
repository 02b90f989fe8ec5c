package org.kms4j.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's "Run several nodes" as it stands, with the packaged server and a real PostgreSQL.
 * Other are the ports alone, and who runs the SQL of the first line.
 */
class SeveralNodesIT {
  private static final String WAR = System.getProperty("it.war", "absent");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] TEXT = "attack at dawn".getBytes(UTF_8);

  private final Path folder;
  private final Readme readme = Readme.read();
  private final EmbeddedPostgres database;
  private final int firstPort = freePort();
  private final int secondPort = freePort();
  private final List<ServerProcess> running = new ArrayList<>();
  private ApiClient first;
  private ApiClient second;

  SeveralNodesIT(@TempDir Path folder) throws Exception {
    this.folder = folder;
    this.database = PostgresServer.start(folder.resolve("data"), 0);
    Path target = Files.createDirectories(folder.resolve("servlet/target"));
    Files.createSymbolicLink(target.resolve("kms4j.war"), Path.of(WAR));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @BeforeEach
  void runTheLines() throws Exception {
    List<String> lines = readme.block("sh", "sudo -u postgres psql").lines().toList();
    for (String statement : statements(lines.get(0))) {
      execute(statement);
    }
    String rest = String.join("\n", lines.subList(1, lines.size()));
    String script =
        "trap 'kill $(jobs -p); wait; exit' TERM\n"
            + withPorts(rest).replace("127.0.0.1/kms", "127.0.0.1:" + database.getPort() + "/kms")
            + "\nwait\n";
    String path = Path.of(ServerProcess.java()).getParent() + ":" + System.getenv("PATH");
    ServerProcess nodes =
        ServerProcess.start(folder, Map.of("PATH", path), List.of("bash", "-c", script));
    running.add(nodes);

    nodes.await("listening on http://127.0.0.1:" + firstPort);
    nodes.await("listening on http://127.0.0.1:" + secondPort);
    first = ApiClient.admin("http://127.0.0.1:" + firstPort, folder.resolve("one"));
    second = ApiClient.admin("http://127.0.0.1:" + secondPort, folder.resolve("one"));
  }

  @AfterEach
  void stop() throws Exception {
    for (ServerProcess process : running) {
      process.terminate();
      process.awaitEnd();
      process.close();
    }
    database.close();
  }

  private static String withPort(String text, int shown, int port) {
    return text.replaceAll("\\b" + shown + "\\b", "" + port);
  }

  private String withPorts(String text) {
    return withPort(withPort(text, 8081, firstPort), 8082, secondPort);
  }

  /** What stands in {@code psql -c "…"}. */
  private static List<String> statements(String line) {
    List<String> all =
        Pattern.compile("-c \"([^\"]+)\"").matcher(line).results().map(m -> m.group(1)).toList();
    assertEquals(2, all.size(), line);
    return all;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void keysIdentitiesAndTokensOfOneServeAtTheOther() throws Exception {
    String key = first.createKey("orders", "aes-256-gcm");
    ApiClient token = ApiClient.anonymous("http://127.0.0.1:" + secondPort);

    assertArrayEquals(TEXT, first.open(key, second.seal(key, TEXT)));
    assertArrayEquals(TEXT, token.withToken(first.token()).open(key, first.seal(key, TEXT)));
    try (var files = Files.list(folder.resolve("two"))) {
      assertEquals(List.of("root.key"), files.map(f -> f.getFileName().toString()).toList());
    }
  }

  @Test
  void nginxTakesTheBlockAndServesBothNodes() throws Exception {
    requireNginx();
    int port = freePort();
    String block = withPort(readme.block("nginx", "upstream "), 8080, port);
    Files.writeString(folder.resolve("kms4j.conf"), withPorts(block));
    Files.writeString(
        folder.resolve("nginx.conf"),
        """
        daemon off;
        pid nginx.pid;
        error_log stderr;
        events {}
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          include kms4j.conf;
        }
        """);
    try (ServerProcess check = ServerProcess.start(folder, Map.of(), nginx("-t"))) {
      assertEquals(0, check.awaitEnd(), () -> check.lines().toString());
    }
    running.add(ServerProcess.start(folder, Map.of(), nginx("-q")));

    ApiClient both = ApiClient.anonymous("http://127.0.0.1:" + port).withToken(first.token());
    awaitServing(both);
    String key = both.createKey("orders", "aes-256-gcm");
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(TEXT, both.open(key, both.seal(key, TEXT)));
    }
  }

  private List<String> nginx(String option) {
    return List.of("nginx", "-p", folder + "/", "-c", folder + "/nginx.conf", option);
  }

  private static void awaitServing(ApiClient client) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        client.get("/api/status").ok();
        return;
      } catch (ConnectException e) {
        assertTrue(System.nanoTime() < deadline, "nginx does not listen");
        Thread.onSpinWait();
      }
    }
  }

  private void requireNginx() throws Exception {
    try (ServerProcess version = ServerProcess.start(folder, Map.of(), List.of("nginx", "-v"))) {
      version.awaitEnd();
    } catch (IOException e) {
      NodeProject.skip("nginx is not installed");
    }
  }
}
