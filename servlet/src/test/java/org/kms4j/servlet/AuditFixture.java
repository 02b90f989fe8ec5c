package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;

/** A server with an audit log for each test, and how its records are read. */
abstract class AuditFixture {
  static final String KEYS = ApiClient.KEYS;
  static final String UNKNOWN = "11111111-1111-4111-8111-111111111111";
  static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir Path home;
  EmbeddedServer server;
  ApiClient admin;

  @BeforeEach
  void start() throws Exception {
    server = start("audit.log");
    admin = ApiClient.admin(server.url(), home);
  }

  EmbeddedServer start(String file) {
    return EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.http.audit", file));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  JsonNode bootstrap(String name) throws Exception {
    return ApiClient.JSON.readTree(home.resolve("bootstrap.json").toFile()).get(name);
  }

  /** All lines of the log, whole, once the server has stopped. */
  List<JsonNode> records() throws Exception {
    server.close();
    List<JsonNode> records = new ArrayList<>();
    for (String line : Files.readAllLines(home.resolve("audit.log"), StandardCharsets.US_ASCII)) {
      records.add(ApiClient.JSON.readTree(line));
    }
    return records;
  }

  /** The one record of this answer. */
  static JsonNode of(Answer answer, List<JsonNode> records) {
    String id = answer.raw().headers().firstValue("x-request-id").orElseThrow();
    List<JsonNode> found =
        records.stream().filter(r -> r.get("reqId").asText().equals(id)).toList();
    assertEquals(1, found.size(), () -> id + " in " + records);
    assertEquals(answer.status(), found.get(0).get("status").asInt());
    String error = answer.status() == 200 ? "-" : answer.error();
    assertEquals(error, found.get(0).get("error").asText());
    return found.get(0);
  }

  /** What a record says beside the request id, status, error, time and token. */
  static String said(JsonNode record) {
    ObjectNode rest = record.deepCopy();
    rest.remove(List.of("time", "reqId", "accessTokenId", "status", "error"));
    return rest.toString().replace('"', '\'');
  }

  static String line(String route, String more) {
    return "{'remote':'127.0.0.1','route':'" + route + "'" + more + "}";
  }

  String byAdmin(String more) throws Exception {
    return ",'identityId':'" + bootstrap("identityId").asText() + "','identityName':'admin'" + more;
  }

  static String ofKey(String id, String version) {
    String known = version.isEmpty() ? "" : ",'version':" + version;
    String project = version.isEmpty() ? "" : ",'projectId':'" + KeyMetadata.DEFAULT_PROJECT + "'";
    return project + ",'keys':[{'id':'" + id + "'" + known + "}]";
  }

  String raw(String request) throws Exception {
    URI url = URI.create(server.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
