package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The body of a request, as a JSON value: parsed when asked for, once.
 *
 * <p>JSON is JSON; a form is an object of strings; plain text is a string; nothing at all is null.
 *
 * <p>For use by one thread.
 */
public final class Body {
  private static final String JSON = "application/json";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String TEXT = "text/plain";

  private static final byte[] NO_JSON = {};

  private final Source source;
  private final byte[] json;
  private final boolean strict;

  @FunctionalInterface
  private interface Source {
    JsonParser open() throws IOException;
  }

  private Body(Source source, byte[] json, boolean strict) {
    this.source = source;
    this.json = json;
    this.strict = strict;
  }

  private Body(Source source, boolean strict) {
    this(source, NO_JSON, strict);
  }

  /** For a route that takes none, whatever was sent. */
  public static Body none() {
    return new Body(() -> JsonNodeFactory.instance.nullNode().traverse(), false);
  }

  /**
   * Reads the bytes and looks at their type.
   *
   * @param strict whether members that nobody asks for are refused
   * @throws RefusedException if they are too many, or of no type that is known here
   */
  public static Body read(BodySource from, int maxBytes, boolean strict) throws RefusedException {
    byte[] bytes = from.read(maxBytes);
    if (from.contentType().isEmpty() && bytes.length == 0) {
      return new Body(() -> JsonNodeFactory.instance.nullNode().traverse(), strict);
    }
    String type = from.contentType().map(Body::mediaType).orElse("");
    return switch (type) {
      case JSON -> {
        if (bytes.length == 0) {
          throw RefusedException.badRequest(
              "The body is empty, but its content type is application/json");
        }
        yield new Body(() -> Json.parser(bytes), bytes, strict);
      }
      case FORM -> {
        ObjectNode form = UrlText.form(utf8(bytes));
        yield new Body(form::traverse, strict);
      }
      case TEXT -> {
        JsonNode text = JsonNodeFactory.instance.textNode(utf8(bytes));
        yield new Body(text::traverse, strict);
      }
      default ->
          throw RefusedException.badRequest(
              "The content type of the body is not supported: send application/json");
    };
  }

  private static String utf8(byte[] bytes) throws RefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw RefusedException.badRequest("The body is not valid UTF-8");
    }
  }

  private static String mediaType(String contentType) {
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.strip().toLowerCase(Locale.ROOT);
  }

  /** The body as an object of few and small members. */
  public Fields fields() throws ValidationException, RefusedException {
    return parse(parser -> new Fields(object(Json.tree(parser)), strict));
  }

  private static ObjectNode object(JsonNode tree) throws ValidationException {
    if (tree instanceof ObjectNode object) {
      return object;
    }
    throw notAnObject(tree);
  }

  private static ValidationException notAnObject(JsonNode value) {
    Issues issues = new Issues();
    issues.wrongType("object", Json.type(value));
    return issues.exception();
  }

  /**
   * The one member of the body that matters, decoded from base64 without passing through a string.
   *
   * @param member its name
   * @param label what the issues call it
   * @param maxBytes the most that it may stand for
   */
  public byte[] binary(String member, String label, int maxBytes)
      throws ValidationException, RefusedException {
    Optional<byte[]> plain = PlainJson.binary(json, member, maxBytes, strict);
    return plain.isPresent() ? plain.get() : parsedBinary(member, label, maxBytes);
  }

  /** Likewise, of any shape, and with all that is wrong. */
  byte[] parsedBinary(String member, String label, int maxBytes)
      throws ValidationException, RefusedException {
    return parse(parser -> binary(parser, member, label, maxBytes));
  }

  private byte[] binary(JsonParser parser, String member, String label, int maxBytes)
      throws IOException, ValidationException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw notAnObject(Json.tree(parser));
    }
    Issues issues = new Issues();
    Optional<byte[]> found = Optional.empty();
    Set<String> seen = new HashSet<>();
    List<String> unknown = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!seen.add(name)) {
        throw Json.duplicate(name);
      }
      if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals(member)) {
        found = decode(parser, member, label, maxBytes, issues);
        continue;
      }
      JsonNode other = Json.tree(parser);
      if (name.equals(member)) {
        issues.wrongType("string", Json.type(other), member);
      } else {
        unknown.add(name);
      }
    }
    if (!seen.contains(member)) {
      issues.wrongType("string", "undefined", member);
    }
    if (strict && !unknown.isEmpty()) {
      issues.unrecognised(unknown);
    }
    issues.requireNone();
    return found.orElseThrow();
  }

  private static Optional<byte[]> decode(
      JsonParser parser, String member, String label, int maxBytes, Issues issues)
      throws IOException {
    Base64Text text =
        Base64Text.of(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    return issues.base64(text, member, label, maxBytes);
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(JsonParser parser) throws IOException, ValidationException;
  }

  private <T> T parse(Reading<T> reading) throws ValidationException, RefusedException {
    try (JsonParser parser = source.open()) {
      if (parser.nextToken() == null) {
        throw RefusedException.badRequest("The body is blank");
      }
      T value = reading.from(parser);
      if (parser.nextToken() != null) {
        throw RefusedException.badRequest("The body is more than one JSON value");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw RefusedException.badRequest("The body is not valid JSON" + where(e));
    } catch (IOException e) {
      // It is in memory, so this is no broken line: it was taken for UTF-16 or UTF-32, and is
      // neither.
      throw RefusedException.badRequest("The body is not valid JSON");
    }
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " at line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }
}
