package org.kms4j.servlet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.Contract.Operation;

/**
 * Requests to every operation of the document, made from its schemas and then spoilt, most of them:
 * in the path, the method, the headers, the JSON, or byte by byte.
 */
final class HostileRequests {
  private static final List<String> PIECES =
      List.of(
          "",
          " ",
          "null",
          "0",
          "-1",
          "1e999",
          "9".repeat(200),
          "[".repeat(600),
          "{\"a\":".repeat(40),
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "\u0000",
          "\u0001",
          "\u00e9",
          "\u00ff\u00fe",
          "%",
          "%00",
          "%2e%2e",
          "%2F",
          "%zz",
          "../",
          "//",
          ";a=b",
          "?",
          "#",
          "\r\n",
          "\n",
          "\t",
          "true",
          "{}",
          "[]",
          "\"\"",
          "__proto__",
          "constructor",
          "aGVsbG8",
          "aGVsbG8==",
          "====",
          "YQ",
          "a".repeat(3_000),
          "\u2028",
          "NaN",
          "1.0",
          "00000000-0000-0000-0000-000000000000");

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "BREW");

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/json; charset=utf-8",
          "application/json; charset=x",
          "application/x-www-form-urlencoded",
          "text/plain",
          "application/xml",
          "",
          "json",
          "multipart/form-data; boundary=a",
          "application/json;;;=",
          "\u00ff");

  private final Random random;
  private final String token;
  private final String keyId;
  private final List<Operation> operations = Contract.OURS.operations();

  HostileRequests(Random random, String token, String keyId) {
    this.random = random;
    this.token = token;
    this.keyId = keyId;
  }

  /**
   * One request.
   *
   * @param method as it was meant
   * @param target likewise
   * @param text as it goes out, a char a byte
   */
  record Request(String method, String target, String text) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    boolean isHead() {
      return method.equals("HEAD");
    }

    @Override
    public String toString() {
      return text.length() > 2_000 ? text.substring(0, 2_000) + "…" : text;
    }
  }

  Request next() {
    Operation operation = pick(operations);
    String method = chance(20) ? pick(METHODS) : operation.method();
    String target = target(operation);
    byte[] body = body(operation);
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nhost: x\r\n");
    authorization(head);
    if (!chance(30)) {
      header(head, "content-type", chance(8) ? pick(TYPES) : "application/json");
    }
    if (chance(30)) {
      header(head, pick(List.of("expect", "x-api-key", "origin", "accept", "cookie")), piece());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] framed = framed(head, body);
    out.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(framed);
    return new Request(method, target, out.toString(StandardCharsets.ISO_8859_1));
  }

  private String target(Operation operation) {
    StringBuilder target = new StringBuilder();
    for (String segment : operation.path().substring(1).split("/", -1)) {
      target.append('/').append(segment.startsWith("{") ? variable(segment) : segment);
    }
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : Contract.OURS.json(operation).path("parameters")) {
      if (parameter.get("in").asText().equals("query") && !chance(4)) {
        query.add(parameter.get("name").asText() + "=" + url(simple(parameter.get("schema"))));
      }
    }
    if (!query.isEmpty()) {
      target.append('?').append(String.join("&", query));
    }
    if (chance(8)) {
      int at = 1 + random.nextInt(target.length() - 1);
      target.insert(at, url(piece()));
    }
    return target.toString();
  }

  private String variable(String segment) {
    if (chance(6)) {
      return url(piece());
    }
    return switch (segment) {
      case "{keyName}" -> "key-1";
      case "{projectId}" -> KeyMetadata.DEFAULT_PROJECT;
      default -> chance(4) ? strangeId() : keyId;
    };
  }

  /** Not encoded, but for what would end the request line. */
  private static String url(String text) {
    return text.replaceAll("[ \\r\\n\\t\\x00-\\x1f]", "%20").replaceAll("[^\\x21-\\xff]", "%C3%A9");
  }

  private void authorization(StringBuilder head) {
    switch (random.nextInt(12)) {
      case 0 -> {
        // None.
      }
      case 1 -> header(head, "authorization", "Bearer " + piece());
      case 2 -> header(head, "authorization", piece());
      case 3 -> header(head, "authorization", "Bearer " + token + "x");
      case 4 -> header(head, "authorization", "Bearer " + token.replaceFirst("\\.", ".e30"));
      default -> header(head, "authorization", "Bearer " + token);
    }
  }

  private static void header(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value.replaceAll("[\\r\\n]", " ")).append("\r\n");
  }

  /** Says how long the body is, rightly or not, and gives it as it goes out. */
  private byte[] framed(StringBuilder head, byte[] body) {
    if (chance(15)) {
      header(head, "transfer-encoding", chance(4) ? piece() : "chunked");
      String size = chance(4) ? piece() : Integer.toHexString(body.length);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.writeBytes(body);
      out.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      return out.toByteArray();
    }
    if (!chance(40)) {
      int length = chance(20) ? random.nextInt(3 * body.length + 5) : body.length;
      header(head, "content-length", chance(60) ? piece() : String.valueOf(length));
    }
    return body;
  }

  private byte[] body(Operation operation) {
    JsonNode schema =
        Contract.OURS.json(operation).at("/requestBody/content/application~1json/schema");
    String json = schema.isMissingNode() ? (chance(3) ? "{}" : "") : json(schema, 0);
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    if (chance(5)) {
      int at = random.nextInt(bytes.length + 1);
      String spoilt = new String(bytes, StandardCharsets.ISO_8859_1);
      return (spoilt.substring(0, at) + piece() + spoilt.substring(chance(2) ? bytes.length : at))
          .getBytes(chance(2) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }
    return bytes;
  }

  private String json(JsonNode reference, int depth) {
    JsonNode schema = Contract.OURS.expanded(reference);
    if (chance(25)) {
      return chance(2) ? pick(List.of("null", "1", "true", "[]", "{}", "\"x\"", "[[1]]")) : piece();
    }
    return switch (schema.path("type").asText()) {
      case "object" -> object(schema, depth);
      case "array" -> {
        List<String> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(json(schema.get("items"), depth + 1));
        }
        yield "[" + String.join(",", items) + "]";
      }
      case "integer" -> String.valueOf(random.nextInt(1_000) - 10);
      case "boolean" -> String.valueOf(random.nextBoolean());
      default -> quoted(simple(schema));
    };
  }

  private String object(JsonNode schema, int depth) {
    List<String> members = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
      if (!chance(12)) {
        members.add(
            quoted(member.getKey()) + ":" + value(member.getKey(), member.getValue(), depth));
      }
    }
    if (chance(15)) {
      members.add(quoted(piece()) + ":" + json(schema, depth + 1));
    }
    if (chance(30) && !members.isEmpty()) {
      members.add(members.get(0));
    }
    return "{" + String.join(",", members) + "}";
  }

  private String value(String name, JsonNode schema, int depth) {
    boolean binary = List.of("plaintext", "data", "ciphertext", "signature", "mac").contains(name);
    if (binary && !chance(4)) {
      byte[] bytes = new byte[1 + random.nextInt(200)];
      random.nextBytes(bytes);
      return quoted(Base64.getEncoder().encodeToString(bytes));
    }
    return json(schema, depth + 1);
  }

  private String simple(JsonNode schema) {
    if (chance(15)) {
      return piece();
    }
    if (schema.has("enum")) {
      return schema.get("enum").get(random.nextInt(schema.get("enum").size())).asText();
    }
    return switch (schema.path("format").asText() + schema.path("type").asText()) {
      case "uuidstring" -> chance(2) ? keyId : strangeId();
      case "integer" -> String.valueOf(random.nextInt(120));
      default -> chance(2) ? KeyMetadata.DEFAULT_PROJECT : "name-" + random.nextInt(500);
    };
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\\\"") + '"';
  }

  /** A good UUID, which nobody else has; of the seed, as all of a request but token and key id. */
  private String strangeId() {
    byte[] name = new byte[16];
    random.nextBytes(name);
    return UUID.nameUUIDFromBytes(name).toString();
  }

  private String piece() {
    return pick(PIECES);
  }

  private boolean chance(int one) {
    return random.nextInt(one) == 0;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
