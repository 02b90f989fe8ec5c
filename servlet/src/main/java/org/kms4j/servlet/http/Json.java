package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;

/**
 * JSON in and out, bounded in depth and in the length of names and numbers.
 *
 * <p>Threat: a document made to exhaust a parser, or to mean one thing to us and another to a proxy
 * before us: two members of one name are refused.
 */
public final class Json {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME_CHARS = 1_000;
  private static final int MAX_NUMBER_CHARS = 100;

  /** Immutable, and safe for use by many threads. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(MAX_NAME_CHARS)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          // The default keeps buffers in the container's threads, which outlive this application
          // and would keep its class loader.
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .build();

  private Json() {}

  /** A parser of UTF-8 bytes. */
  static JsonParser parser(byte[] bytes) throws IOException {
    return FACTORY.createParser(bytes);
  }

  /** A generator of UTF-8 bytes; closing it closes the stream. */
  public static JsonGenerator generator(OutputStream to) throws IOException {
    return FACTORY.createGenerator(to);
  }

  /**
   * Writes a tree, piece by piece. {@link JsonGenerator#writeTree} would want an object mapper, for
   * whose classes the first request of a process would wait.
   */
  static void write(JsonGenerator to, JsonNode tree) throws IOException {
    try (JsonParser pieces = tree.traverse()) {
      pieces.nextToken();
      to.copyCurrentStructure(pieces);
    }
  }

  /**
   * Reads the value that the parser stands at.
   *
   * @throws ValidationException if an object in it has two members of one name
   */
  static JsonNode tree(JsonParser from) throws IOException, ValidationException {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (from.currentToken()) {
      case START_OBJECT -> object(from, json.objectNode());
      case START_ARRAY -> array(from, json.arrayNode());
      case VALUE_STRING -> json.textNode(from.getText());
      case VALUE_TRUE -> json.booleanNode(true);
      case VALUE_FALSE -> json.booleanNode(false);
      case VALUE_NULL -> json.nullNode();
      // Exact for every number that a body of ours may hold.
      default -> json.numberNode(from.getDoubleValue());
    };
  }

  private static ObjectNode object(JsonParser from, ObjectNode object)
      throws IOException, ValidationException {
    while (from.nextToken() != JsonToken.END_OBJECT) {
      String name = from.currentName();
      if (object.has(name)) {
        throw duplicate(name);
      }
      from.nextToken();
      object.set(name, tree(from));
    }
    return object;
  }

  private static ArrayNode array(JsonParser from, ArrayNode array)
      throws IOException, ValidationException {
    while (from.nextToken() != JsonToken.END_ARRAY) {
      array.add(tree(from));
    }
    return array;
  }

  static ValidationException duplicate(String name) {
    Issues issues = new Issues();
    issues.custom("Duplicate member", name);
    return issues.exception();
  }

  /** The name that zod gives the type of a value. */
  static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case NUMBER -> "number";
      case BOOLEAN -> "boolean";
      case MISSING -> "undefined";
      default -> "null";
    };
  }
}
