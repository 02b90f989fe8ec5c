package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** A client of the API over a real socket; holds every answer against {@link Contract#OURS}. */
final class ApiClient {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String KEYS = "/api/v1/kms/keys";
  static final String LOGIN = "/api/v1/auth/universal-auth/login";
  static final String JSON_TYPE = "application/json";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final Optional<String> token;

  ApiClient(String url, Optional<String> token) {
    this.url = url;
    this.token = token;
  }

  /** One answer, read as JSON. */
  record Answer(int status, JsonNode body, HttpResponse<String> raw) {
    String message() {
      return body.path("message").asText();
    }

    String error() {
      return body.path("error").asText();
    }

    /** The answer, which must be a success. */
    JsonNode ok() {
      assertEquals(200, status, () -> "answer " + body);
      return body;
    }

    void is(int wantedStatus, String wantedError, String wantedMessage) {
      assertEquals(
          wantedStatus + " " + wantedError + ": " + wantedMessage,
          status + " " + error() + ": " + message());
    }
  }

  /** The admin of a home folder, by its {@code bootstrap.json} alone. */
  static ApiClient admin(String url, Path home) throws Exception {
    JsonNode bootstrap = JSON.readTree(home.resolve("bootstrap.json").toFile());
    return anonymous(url)
        .logIn(bootstrap.get("clientId").asText(), bootstrap.get("clientSecret").asText());
  }

  static ApiClient anonymous(String url) {
    return new ApiClient(url, Optional.empty());
  }

  ApiClient logIn(String clientId, String clientSecret) throws Exception {
    return withToken(login(clientId, clientSecret).ok().get("accessToken").asText());
  }

  Answer login(String clientId, String clientSecret) throws Exception {
    return post(
        LOGIN,
        JSON.createObjectNode()
            .put("clientId", clientId)
            .put("clientSecret", clientSecret)
            .toString());
  }

  ApiClient withToken(String newToken) {
    return new ApiClient(url, Optional.of(newToken));
  }

  String token() {
    return token.orElseThrow();
  }

  String url() {
    return url;
  }

  Answer get(String path) throws Exception {
    return send(request(path).GET());
  }

  Answer delete(String path) throws Exception {
    return send(request(path).DELETE());
  }

  Answer post(String path, String json) throws Exception {
    return send("POST", path, JSON_TYPE, BodyPublishers.ofString(json));
  }

  Answer patch(String path, String json) throws Exception {
    return send("PATCH", path, JSON_TYPE, BodyPublishers.ofString(json));
  }

  Answer send(String method, String path, String contentType, BodyPublisher body) throws Exception {
    return send(request(path).header("content-type", contentType).method(method, body));
  }

  Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    JsonNode body = response.body().isEmpty() ? JSON.missingNode() : JSON.readTree(response.body());
    check(response, body);
    return new Answer(response.statusCode(), body, response);
  }

  /** Whatever a test asks, the answer must be one that the document allows. */
  private void check(HttpResponse<String> response, JsonNode body) {
    HttpRequest request = response.request();
    String target = request.uri().toString().substring(url.length());
    if (!request.method().equals("HEAD")) {
      Contract.OURS.check(request.method(), target, response.statusCode(), body);
    }
    assertEquals(
        Optional.of("application/json;charset=utf-8"),
        response.headers().firstValue("content-type").map(type -> type.replace(" ", "")));
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    token.ifPresent(t -> request.header("authorization", "Bearer " + t));
    return request;
  }

  /** Makes a key of the default project and says its id. */
  String createKey(String name, String algorithm) throws Exception {
    ObjectNode body =
        JSON.createObjectNode()
            .put("projectId", org.kms4j.key.KeyMetadata.DEFAULT_PROJECT)
            .put("name", name)
            .put("algorithm", algorithm);
    return post(KEYS, body.toString()).ok().at("/key/id").asText();
  }

  Answer encrypt(String keyId, byte[] plaintext) throws Exception {
    return post(
        KEYS + "/" + keyId + "/encrypt",
        JSON.createObjectNode().put("plaintext", base64(plaintext)).toString());
  }

  Answer decrypt(String keyId, String ciphertext) throws Exception {
    return post(
        KEYS + "/" + keyId + "/decrypt",
        JSON.createObjectNode().put("ciphertext", ciphertext).toString());
  }

  String seal(String keyId, byte[] plaintext) throws Exception {
    return encrypt(keyId, plaintext).ok().get("ciphertext").asText();
  }

  byte[] open(String keyId, String ciphertext) throws Exception {
    return Base64.getDecoder().decode(decrypt(keyId, ciphertext).ok().get("plaintext").asText());
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
