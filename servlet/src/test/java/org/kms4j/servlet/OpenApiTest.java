package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.ApiClient.Answer;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Real answers of the encrypt route, held against the OpenAPI document of upstream. */
class OpenApiTest {
  private static final String PATH = "/api/v1/kms/keys/{keyId}/encrypt";

  @Test
  void everyAnswerOfEncryptIsAsTheDocumentSays(@TempDir Path home) throws Exception {
    Path document =
        Path.of(System.getProperty("kms.shared", "absent"), "contract", "encrypt.openapi.yaml");
    Assumptions.assumeTrue(Files.isReadable(document), "there is no " + document);
    JsonNode responses = responses(document);

    TreeSet<Integer> seen = new TreeSet<>();
    for (Answer answer : answers(home)) {
      seen.add(answer.status());
      JsonNode response = responses.path(String.valueOf(answer.status()));
      assertTrue(!response.isMissingNode(), "status " + answer.status() + " is not listed");
      assertTrue(
          answer
              .raw()
              .headers()
              .firstValue("content-type")
              .orElseThrow()
              .startsWith("application/json"));
      assertFits(
          response.at("/content/application~1json/schema"),
          answer.body(),
          "answer " + answer.status());
    }
    assertEquals(new TreeSet<>(List.of(200, 400, 401, 403, 404, 422, 500)), seen);
  }

  private static JsonNode responses(Path document) throws Exception {
    try (Reader reader = Files.newBufferedReader(document, StandardCharsets.UTF_8)) {
      Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
      JsonNode paths = ApiClient.JSON.<JsonNode>valueToTree(tree).path("paths");
      return paths.path(PATH).path("post").path("responses");
    }
  }

  private static List<Answer> answers(Path home) throws Exception {
    List<Answer> answers = new ArrayList<>();
    try (EmbeddedServer server = EmbeddedServer.start(home, Map.of("kms.http.port", "0"))) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("a", "aes-256-gcm");
      byte[] text = {1};
      answers.add(admin.encrypt(keyId, text));
      answers.add(admin.post(PATH.replace("{keyId}", keyId), "{"));
      answers.add(new ApiClient(server.url(), Optional.empty()).encrypt(keyId, text));
      answers.add(admin.withToken("abc").encrypt(keyId, text));
      answers.add(admin.encrypt("11111111-1111-4111-8111-111111111111", text));
      answers.add(admin.encrypt(keyId, new byte[0]));
      answers.add(admin.encrypt("x", text));
      admin.patch("/api/v1/kms/keys/" + keyId, "{\"isDisabled\":true}").ok();
      answers.add(admin.encrypt(keyId, text));
      server.server().database().close();
      answers.add(admin.encrypt("11111111-1111-4111-8111-111111111111", text));
    }
    return answers;
  }

  /** As strict as the document: each member it lists, none that it does not. */
  private static void assertFits(JsonNode schema, JsonNode value, String where) {
    String type = schema.path("type").asText();
    switch (type) {
      case "object" -> assertObjectFits(schema, value, where);
      case "string" -> assertTrue(value.isTextual(), where + " is no string");
      case "number" -> assertTrue(value.isNumber(), where + " is no number");
      case "" -> assertEquals(0, schema.size(), where + ": a schema that is not understood");
      default -> throw new AssertionError(where + ": type " + type + " is not understood");
    }
    if (schema.has("enum")) {
      boolean[] listed = {false};
      schema.get("enum").forEach(one -> listed[0] |= one.equals(value));
      assertTrue(listed[0], where + " is none of " + schema.get("enum"));
    }
  }

  private static void assertObjectFits(JsonNode schema, JsonNode value, String where) {
    assertTrue(value.isObject(), where + " is no object");
    assertEquals(false, schema.path("additionalProperties").asBoolean(true), where);
    schema
        .path("required")
        .forEach(name -> assertTrue(value.has(name.asText()), where + " lacks " + name));
    value
        .properties()
        .forEach(
            member -> {
              JsonNode inner = schema.path("properties").path(member.getKey());
              String place = where + "." + member.getKey();
              assertTrue(!inner.isMissingNode(), place + " is not listed");
              assertFits(inner, member.getValue(), place);
            });
  }
}
