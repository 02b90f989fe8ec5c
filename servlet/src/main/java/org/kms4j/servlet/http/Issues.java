package org.kms4j.servlet.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is wrong with one part of a request, one entry a fault.
 *
 * <p>Members, their order and the texts are those of zod 4, which clients of the API read.
 *
 * <p>For use by one thread.
 */
final class Issues {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** The expression that zod 4 checks a UUID with, as it prints it. */
  private static final String UUID_PATTERN =
      "/^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
          + "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/";

  private final ArrayNode issues;
  private final ArrayNode place;
  private final int before;

  Issues() {
    this(JSON.arrayNode(), JSON.arrayNode());
  }

  private Issues(ArrayNode issues, ArrayNode place) {
    this.issues = issues;
    this.place = place;
    this.before = issues.size();
  }

  /** Those of one item of an array, among these; {@link #isEmpty} then speaks of the item alone. */
  Issues ofItem(String array, int index) {
    return new Issues(issues, place.deepCopy().add(array).add(index));
  }

  /** A part that is no object at all, or a member of another type. */
  void wrongType(String expected, String received, String... path) {
    ObjectNode issue = JSON.objectNode().put("expected", expected).put("code", "invalid_type");
    add(issue, "Invalid input: expected " + expected + ", received " + received, path);
  }

  void notANumber(String name) {
    ObjectNode issue = JSON.objectNode().put("expected", "number").put("code", "invalid_type");
    issue.put("received", "NaN");
    add(issue, "Invalid input: expected number, received NaN", name);
  }

  void notAnInteger(String name) {
    ObjectNode issue = JSON.objectNode().put("expected", "int").put("format", "safeint");
    issue.put("code", "invalid_type");
    add(issue, "Invalid input: expected int, received number", name);
  }

  void tooShort(String name, int minimum, String message) {
    add(bound("string", "too_small", "minimum", minimum), message, name);
  }

  void tooLong(String name, int maximum, String message) {
    add(bound("string", "too_big", "maximum", maximum), message, name);
  }

  void tooLong(String name, int maximum) {
    tooLong(name, maximum, "Too big: expected string to have <=" + maximum + " characters");
  }

  void tooSmall(String name, int minimum) {
    add(
        bound("number", "too_small", "minimum", minimum),
        "Too small: expected number to be >=" + minimum,
        name);
  }

  void tooBig(String name, int maximum) {
    add(
        bound("number", "too_big", "maximum", maximum),
        "Too big: expected number to be <=" + maximum,
        name);
  }

  void tooFew(String name, int minimum) {
    add(
        bound("array", "too_small", "minimum", minimum),
        "Too small: expected array to have >=" + minimum + " items",
        name);
  }

  void tooMany(String name, int maximum) {
    add(
        bound("array", "too_big", "maximum", maximum),
        "Too big: expected array to have <=" + maximum + " items",
        name);
  }

  void notAUuid(String... path) {
    ObjectNode issue = JSON.objectNode().put("origin", "string").put("code", "invalid_format");
    issue.put("format", "uuid").put("pattern", UUID_PATTERN);
    add(issue, "Invalid UUID", path);
  }

  void notOneOf(String name, List<String> values) {
    ObjectNode issue = JSON.objectNode().put("code", "invalid_value");
    ArrayNode known = issue.putArray("values");
    values.forEach(known::add);
    String quoted = values.stream().map(v -> "\"" + v + "\"").collect(Collectors.joining("|"));
    String message =
        values.size() == 1
            ? "Invalid input: expected " + quoted
            : "Invalid option: expected one of " + quoted;
    add(issue, message, name);
  }

  void custom(String message, String... path) {
    ObjectNode issue = JSON.objectNode().put("code", "custom");
    putPath(issue, path);
    issues.add(issue.put("message", message));
  }

  void unrecognised(List<String> names) {
    ObjectNode issue = JSON.objectNode().put("code", "unrecognized_keys");
    ArrayNode keys = issue.putArray("keys");
    names.forEach(keys::add);
    String quoted = names.stream().map(n -> "\"" + n + "\"").collect(Collectors.joining(", "));
    add(issue, "Unrecognized key" + (names.size() == 1 ? ": " : "s: ") + quoted);
  }

  /** The bytes, if there are any and not too many. */
  Optional<byte[]> base64(Base64Text text, String name, String label, int maxBytes) {
    Optional<byte[]> bytes = text.decode();
    if (bytes.isEmpty()) {
      custom(label + " must be base64 encoded", name);
    }
    if (text.bytes() > maxBytes) {
      custom(label + " cannot exceed " + maxBytes + " bytes", name);
    }
    return bytes;
  }

  boolean isEmpty() {
    return issues.size() == before;
  }

  /** Ends a part: throws if there is anything. */
  void requireNone() throws ValidationException {
    if (!isEmpty()) {
      throw exception();
    }
  }

  ValidationException exception() {
    return new ValidationException(issues);
  }

  private static ObjectNode bound(String origin, String code, String side, int value) {
    return JSON.objectNode()
        .put("origin", origin)
        .put("code", code)
        .put(side, value)
        .put("inclusive", true);
  }

  private void add(ObjectNode issue, String message, String... path) {
    putPath(issue, path);
    issues.add(issue.put("message", message));
  }

  private void putPath(ObjectNode issue, String... path) {
    ArrayNode steps = issue.putArray("path").addAll(place);
    for (String step : path) {
      steps.add(step);
    }
  }
}
