package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The SDK talks to the server through somebody else's checker of OpenAPI documents, which holds
 * both sides to the one that the server hands out.
 */
class PrismIT extends ApiFixture {
  private static final String PRISM = "node_modules/@stoplight/prism-cli/dist/index.js";
  private static final String LISTENS = "Prism is listening on ";

  @TempDir private Path folder;

  /** What came of the script, and what the checker said. */
  private record Outcome(int status, List<String> said, long requests, List<String> complaints) {}

  private static JsonNode strictDocument() throws Exception {
    return admin.get("/api/docs/json").ok();
  }

  /**
   * It lets requests have further members: the SDK repeats the key id in bodies, which upstream's
   * document forbids as ours does, and which both servers drop.
   */
  private static JsonNode document() throws Exception {
    JsonNode document = strictDocument();
    for (JsonNode path : document.get("paths")) {
      for (JsonNode operation : path) {
        JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
        if (schema instanceof ObjectNode object) {
          object.remove("additionalProperties");
        }
      }
    }
    return document;
  }

  private Outcome between(JsonNode document) throws Exception {
    NodeProject sdk = NodeProject.of("sdk-5");
    NodeProject prism = NodeProject.of("prism");
    Path file = folder.resolve("openapi.json");
    Files.writeString(file, document.toString());
    String[] proxy = {PRISM, "proxy", file.toString(), server.url(), "--errors", "--port", "0"};
    try (ServerProcess checker = prism.start(Map.of(), proxy)) {
      String url = checker.await(LISTENS).replaceFirst(".*" + LISTENS, "").strip();
      try (ServerProcess script = sdk.start(SdkIT.environment(url), "sdk.mjs")) {
        int status = script.awaitEnd();
        checker.terminate();
        checker.awaitEnd();
        List<String> complaints = checker.lines().stream().filter(PrismIT::complains).toList();
        long requests =
            checker.lines().stream().filter(l -> l.contains("Request received")).count();
        return new Outcome(status, script.lines(), requests, complaints);
      }
    }
  }

  private static boolean complains(String line) {
    return line.contains("Violation") || line.contains("Request terminated with error");
  }

  @Test
  void bothKeepToTheDocument() throws Exception {
    Outcome outcome = between(document());

    assertEquals(List.of(), outcome.complaints());
    assertEquals(0, outcome.status(), () -> String.join("\n", outcome.said()));
    assertEquals(List.of("@infisical/sdk 5.0.2: 11 methods, 93 calls"), outcome.said());
    assertEquals(93, outcome.requests());
  }

  @Test
  void aRequestWithAMemberThatIsNotListedIsSeen() throws Exception {
    Outcome outcome = between(strictDocument());

    assertNotEquals(List.of(), outcome.complaints());
    assertNotEquals(0, outcome.status());
  }

  @Test
  void anAnswerWithoutARequiredMemberIsSeen() throws Exception {
    JsonNode document = document();
    String answer = "/paths/~1api~1v1~1kms~1keys~1{keyId}~1encrypt/post/responses/200";
    JsonNode schema = document.at(answer + "/content/application~1json/schema");
    ((ArrayNode) schema.get("required")).add("planted");

    Outcome outcome = between(document);

    assertNotEquals(List.of(), outcome.complaints());
    assertNotEquals(0, outcome.status());
  }
}
