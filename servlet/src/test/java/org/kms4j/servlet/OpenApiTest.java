package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.Contract.Operation;
import org.kms4j.servlet.http.Route;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The document and the server say the same. That every answer of every test is as the document says
 * is {@link ApiClient}'s to see to.
 */
class OpenApiTest extends ApiFixture {
  private static final Operation ENCRYPT =
      new Operation("POST", "/api/v1/kms/keys/{keyId}/encrypt");

  /** The rest of a schema is for readers. */
  private static final Set<String> STRUCTURE =
      Set.of(
          "parameters",
          "schema",
          "in",
          "name",
          "required",
          "requestBody",
          "content",
          "application/json",
          "type",
          "format",
          "properties",
          "enum",
          "additionalProperties",
          "responses");

  private static Set<String> statuses(Route<?> route) {
    Set<String> statuses = new TreeSet<>();
    JsonNode operation = Contract.OURS.json(new Operation(route.method(), route.path()));
    operation.path("responses").fieldNames().forEachRemaining(statuses::add);
    return statuses;
  }

  @Test
  void everyRouteIsAnOperationOfTheDocumentAndTheReverse() {
    List<String> routes =
        server.server().routes().all().stream().map(r -> r.method() + " " + r.path()).toList();
    List<String> operations = Contract.OURS.operations().stream().map(String::valueOf).toList();

    assertEquals(String.join("\n", new TreeSet<>(routes)), String.join("\n", sorted(operations)));
    assertEquals(routes.size(), new TreeSet<>(routes).size(), "a route that is never reached");
  }

  private static List<String> sorted(List<String> texts) {
    return texts.stream().sorted().toList();
  }

  @Test
  void everyRouteListsWhatItsKindAnswers() {
    for (Route<?> route : server.server().routes().all()) {
      String where = route.method() + " " + route.path();
      Set<String> statuses = statuses(route);
      JsonNode json = Contract.OURS.json(new Operation(route.method(), route.path()));

      assertTrue(statuses.containsAll(List.of("200", "400", "500")), where);
      assertEquals(route.guarded(), !json.has("security"), where);
      assertTrue(!route.guarded() || statuses.containsAll(List.of("401", "403", "404")), where);
      boolean reads = route.path().contains("{") || route.maxBodyBytes() > 0;
      assertTrue(!reads || statuses.contains("422"), where);
      assertEquals(route.maxBodyBytes() > 0, json.has("requestBody"), where);
    }
  }

  @Test
  void serverShowsTheDocument() throws Exception {
    Answer answer = ApiClient.anonymous(server.url()).get("/api/docs/json");

    Contract served = new Contract(answer.ok());
    assertEquals(Contract.OURS.operations(), served.operations());
    assertEquals(Contract.OURS.json(ENCRYPT), served.json(ENCRYPT));
  }

  @Test
  void encryptIsStructurallyThatOfUpstream() throws Exception {
    Path file =
        Path.of(System.getProperty("kms.shared", "absent"), "contract", "encrypt.openapi.yaml");
    Assumptions.assumeTrue(Files.isReadable(file), "there is no " + file);
    Contract theirs = new Contract(yaml(file));
    ObjectNode ours = Contract.OURS.expanded(Contract.OURS.json(ENCRYPT)).deepCopy();
    // Upstream limits the rate, too, and documents it nowhere.
    ours.withObject("responses").remove("429");

    assertEquals(List.of(ENCRYPT), theirs.operations());
    assertEquals(structure(theirs.expanded(theirs.json(ENCRYPT)), false), structure(ours, false));
  }

  /** Free names are those of members and statuses. */
  private static JsonNode structure(JsonNode node, boolean freeNames) {
    if (node.isArray()) {
      var copy = ApiClient.JSON.createArrayNode();
      TreeSet<String> sorted = new TreeSet<>();
      node.forEach(item -> sorted.add(structure(item, false).toString()));
      sorted.forEach(copy::add);
      return copy;
    }
    if (!node.isObject()) {
      return node;
    }
    var copy = ApiClient.JSON.createObjectNode();
    TreeSet<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      if (freeNames || STRUCTURE.contains(name)) {
        boolean free = !freeNames && Set.of("properties", "responses").contains(name);
        copy.set(name, structure(node.get(name), free));
      }
    }
    return copy;
  }

  private static JsonNode yaml(Path file) throws Exception {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
      return ApiClient.JSON.valueToTree(tree);
    }
  }

  @Test
  void anAnswerThatTheDocumentDoesNotAllowFails() throws Exception {
    JsonNode good = admin.encrypt(newKey(), TEXT).ok();
    String target = "/api/v1/kms/keys/" + UNKNOWN + "/encrypt";
    Contract.OURS.check("POST", target, 200, good);

    for (JsonNode bad :
        List.of(
            ApiClient.JSON.createObjectNode(),
            ApiClient.JSON.createObjectNode().put("ciphertext", 1),
            good.<ObjectNode>deepCopy().put("more", 1))) {
      assertThrows(
          AssertionError.class, () -> Contract.OURS.check("POST", target, 200, bad), bad::toString);
    }
    assertThrows(AssertionError.class, () -> Contract.OURS.check("POST", target, 201, good));
  }

  private static void check(String schema, String answer) throws Exception {
    String content = "{'content':{'application/json':{'schema':" + schema + "}}}";
    String document = "{'paths':{'/a':{'get':{'responses':{'200':" + content + "}}}}}";
    new Contract(ApiClient.JSON.readTree(document.replace('\'', '"')))
        .check("GET", "/a", 200, ApiClient.JSON.readTree(answer));
  }

  @Test
  void anEmptySchemaAllowsAnythingButOneThatIsNotThereNothing() throws Exception {
    for (String answer : List.of("null", "1", "[{}]", "{\"a\":[]}")) {
      check("{}", answer);
      assertThrows(
          AssertionError.class, () -> check("{'$ref':'#/components/absent'}", answer), answer);
      assertThrows(AssertionError.class, () -> check("{'description':'a'}", answer), answer);
    }
  }

  @Test
  void everyFailureOfEncryptIsOneOfTheDocument() throws Exception {
    String key = newKey();
    TreeSet<Integer> seen = new TreeSet<>();
    for (Answer answer :
        List.of(
            admin.encrypt(key, TEXT),
            admin.post(KEYS + "/" + key + "/encrypt", "{"),
            ApiClient.anonymous(server.url()).encrypt(key, TEXT),
            admin.withToken("abc").encrypt(key, TEXT),
            admin.encrypt(UNKNOWN, TEXT),
            admin.encrypt(key, new byte[0]))) {
      seen.add(answer.status());
    }

    assertEquals(new TreeSet<>(List.of(200, 400, 401, 403, 404, 422)), seen);
  }
}
