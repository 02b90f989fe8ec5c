package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;

/** One server for all tests of a class, and what they all need. */
abstract class ApiFixture {
  static final String KEYS = ApiClient.KEYS;
  static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;
  static final String UNKNOWN = "11111111-1111-4111-8111-111111111111";
  static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir static Path home;
  static EmbeddedServer server;
  static ApiClient admin;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.http.metrics", "true"));
    admin = ApiClient.admin(server.url(), home);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static String newName() {
    return "key-" + NAMES.incrementAndGet();
  }

  static String newKey() throws Exception {
    return admin.createKey(newName(), "aes-256-gcm");
  }

  static ApiClient robot(Optional<Role> role) throws Exception {
    Identities identities = server.server().identities();
    UUID robot = identities.createIdentity("robot");
    UUID client = identities.enableUniversalAuth(robot, TokenLifetime.DEFAULT);
    role.ifPresent(r -> identities.setRole(PROJECT, robot, r));
    return ApiClient.anonymous(server.url())
        .logIn(client.toString(), identities.addClientSecret(robot, SecretLimits.NONE).text());
  }

  static String path(String keyId, String operation) {
    return KEYS + "/" + keyId + "/" + operation;
  }

  /** By any method, with nothing behind its head. */
  static Answer bodiless(String method, String path) throws Exception {
    return admin.send(admin.request(path).method(method, BodyPublishers.noBody()));
  }

  static Answer sent(String method, String path, String json) throws Exception {
    return admin.send(method, path, ApiClient.JSON_TYPE, BodyPublishers.ofString(json));
  }

  /** JSON with single quotes, for the eye. */
  @SuppressWarnings("AnnotateFormatMethod")
  static String body(String format, Object... values) {
    return format.formatted(values).replace('\'', '"');
  }

  static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  static void assertIssues(Answer answer, String... messages) {
    assertEquals(422, answer.status(), () -> String.valueOf(answer.body()));
    assertEquals("ValidationFailure", answer.error());
    List<String> found = new ArrayList<>();
    answer.body().get("message").forEach(issue -> found.add(issue.get("message").asText()));
    assertEquals(Arrays.asList(messages), found);
  }

  static String raw(String request) throws Exception {
    URI url = URI.create(server.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
