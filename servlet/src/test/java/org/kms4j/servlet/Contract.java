package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the OpenAPI document lets an answer be, and nothing else: a status that it does not list, a
 * member that it does not name, a value of another type or out of its bounds fails.
 */
final class Contract {
  private static final Map<String, Pattern> FORMATS =
      Map.of(
          "uuid", Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
          "date-time", Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));

  /** What bounds a value here; anything else in a schema would go unchecked. */
  private static final List<String> UNDERSTOOD =
      List.of(
          "type",
          "format",
          "enum",
          "nullable",
          "minimum",
          "maximum",
          "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "items",
          "properties",
          "required",
          "additionalProperties",
          "description");

  /** The schema that bounds nothing; a schema that is not there is another thing, and an error. */
  private static final JsonNode ANYTHING = ApiClient.JSON.createObjectNode();

  private static final String JSON_TYPE = "application/json";

  /** Our own. */
  static final Contract OURS = new Contract(resource());

  private final JsonNode document;

  Contract(JsonNode document) {
    this.document = document;
  }

  private static JsonNode resource() {
    try (InputStream in = Contract.class.getResourceAsStream("route/openapi.json")) {
      return ApiClient.JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * One operation of the document.
   *
   * @param method in capital letters
   * @param path with its variable segments in braces
   */
  record Operation(String method, String path) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        all.add(new Operation(method.getKey().toUpperCase(Locale.ROOT), path.getKey()));
      }
    }
    return all;
  }

  JsonNode json(Operation operation) {
    String method = operation.method().toLowerCase(Locale.ROOT);
    return document.path("paths").path(operation.path()).path(method);
  }

  /** The operation that a request is meant for; the one with the fewest variables, if several. */
  Optional<Operation> operation(String method, String target) {
    String path = target.replaceFirst("[?#].*", "").replaceFirst("/+$", "");
    String wanted = method.equals("HEAD") ? "GET" : method;
    return operations().stream()
        .filter(o -> o.method().equals(wanted) && path.matches(pattern(o.path())))
        .min((a, b) -> variables(a) - variables(b));
  }

  private static String pattern(String path) {
    StringBuilder pattern = new StringBuilder();
    for (String segment : path.split("/", -1)) {
      pattern.append(segment.startsWith("{") ? "[^/]*" : Pattern.quote(segment)).append('/');
    }
    return pattern.substring(0, pattern.length() - 1);
  }

  private static int variables(Operation operation) {
    return operation.path().length() - operation.path().replace("{", "").length();
  }

  /** Fails unless the document allows this answer, in JSON, to this request. */
  void check(String method, String target, int status, JsonNode body) {
    check(method, target, status, JSON_TYPE, body);
  }

  /**
   * Likewise, of any type.
   *
   * @param type the content type
   * @param body looked at if it is JSON; missing where there is none to see, as after HEAD
   */
  void check(String method, String target, int status, String type, JsonNode body) {
    String where = method + " " + target + " answers " + status;
    JsonNode content = response(method, target, status, where + ": " + body).path("content");
    JsonNode schema = content.path(type.replaceFirst(";.*", "")).path("schema");
    assertTrue(!schema.isMissingNode(), where + " by " + type + ", of which there is no schema");
    if (!body.isMissingNode()) {
      fits(schema, body, where + ": " + body + ": body");
    }
  }

  private JsonNode response(String method, String target, int status, String where) {
    Optional<Operation> operation = operation(method, target);
    if (operation.isEmpty()) {
      // What no route has seen is not found, or was refused before.
      String shape = status == 400 ? "BadRequest" : "UnknownRoute";
      return document.at("/components/responses").path(shape);
    }
    JsonNode response = json(operation.get()).path("responses").path(String.valueOf(status));
    assertTrue(!response.isMissingNode(), where + ", which is not listed");
    return resolve(response);
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  private void fits(JsonNode reference, JsonNode value, String where) {
    JsonNode schema = resolve(reference);
    if (schema.equals(ANYTHING) || (value.isNull() && schema.path("nullable").asBoolean())) {
      return;
    }
    TreeSet<String> unknown = new TreeSet<>();
    schema.fieldNames().forEachRemaining(unknown::add);
    UNDERSTOOD.forEach(unknown::remove);
    assertTrue(unknown.isEmpty(), where + ": the schema says " + unknown);
    switch (schema.path("type").asText()) {
      case "object" -> objectFits(schema, value, where);
      case "array" -> arrayFits(schema, value, where);
      case "string" -> stringFits(schema, value, where);
      case "boolean" -> assertTrue(value.isBoolean(), where + " is no boolean");
      case "integer" -> numberFits(schema, value, value.isIntegralNumber(), where);
      case "number" -> numberFits(schema, value, value.isNumber(), where);
      default -> throw new AssertionError(where + ": the schema has no type");
    }
    if (schema.has("enum")) {
      boolean[] listed = {false};
      schema.get("enum").forEach(one -> listed[0] |= one.equals(value));
      assertTrue(listed[0], where + " is none of " + schema.get("enum"));
    }
  }

  private static void numberFits(JsonNode schema, JsonNode value, boolean type, String where) {
    assertTrue(type, where + " is no " + schema.get("type"));
    double number = value.asDouble();
    assertTrue(
        number >= schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY)
            && number <= schema.path("maximum").asDouble(Double.POSITIVE_INFINITY),
        where + " is out of bounds");
  }

  private static void stringFits(JsonNode schema, JsonNode value, String where) {
    assertTrue(value.isTextual(), where + " is no string");
    Pattern format = FORMATS.get(schema.path("format").asText());
    assertTrue(
        format == null || format.matcher(value.asText()).matches(),
        where + " is no " + schema.path("format").asText());
    int length = value.asText().length();
    assertTrue(
        length >= schema.path("minLength").asInt(0)
            && length <= schema.path("maxLength").asInt(Integer.MAX_VALUE),
        where + " is too short or too long");
  }

  private void arrayFits(JsonNode schema, JsonNode value, String where) {
    assertTrue(value.isArray(), where + " is no array");
    assertTrue(
        value.size() >= schema.path("minItems").asInt(0)
            && value.size() <= schema.path("maxItems").asInt(Integer.MAX_VALUE),
        where + " has too few or too many items");
    for (int i = 0; i < value.size(); i++) {
      fits(schema.get("items"), value.get(i), where + "[" + i + "]");
    }
  }

  private void objectFits(JsonNode schema, JsonNode value, String where) {
    assertTrue(value.isObject(), where + " is no object");
    if (!schema.has("properties")) {
      return;
    }
    assertEquals(false, schema.path("additionalProperties").asBoolean(true), where);
    for (JsonNode name : schema.path("required")) {
      assertTrue(value.has(name.asText()), where + " lacks " + name);
    }
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      JsonNode inner = schema.path("properties").path(member.getKey());
      String place = where + "." + member.getKey();
      assertTrue(!inner.isMissingNode(), place + " is not listed");
      fits(inner, member.getValue(), place);
    }
  }

  /** A part of the document with all references followed. */
  JsonNode expanded(JsonNode node) {
    JsonNode resolved = resolve(node);
    if (resolved.isObject()) {
      var copy = ApiClient.JSON.createObjectNode();
      resolved.properties().forEach(m -> copy.set(m.getKey(), expanded(m.getValue())));
      return copy;
    }
    if (resolved.isArray()) {
      var copy = ApiClient.JSON.createArrayNode();
      resolved.forEach(item -> copy.add(expanded(item)));
      return copy;
    }
    return resolved;
  }
}
