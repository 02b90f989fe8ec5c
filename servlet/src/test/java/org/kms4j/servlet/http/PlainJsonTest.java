package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainJsonTest {
  private static final int BODIES = 100_000;
  static final int MAX_BYTES = 40;

  /** Where two readers of JSON or of base64 are apt to differ. */
  private static final List<String> PIECES =
      List.of(
          "\"",
          "\\",
          "\\\"",
          "\\u0041",
          "\\u003d",
          "\\/",
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          " ",
          "\n",
          "\t",
          "\r",
          "\f",
          "\u0000",
          "\u001f",
          "\u007f",
          "\u00a0",
          "\u00e9",
          "\ufeff",
          "\u20ac",
          "=",
          "==",
          "A",
          "+",
          "/",
          "-",
          "_",
          "null",
          "true",
          "1e5",
          "//",
          "/**/",
          "'",
          "plaintext",
          "\"plaintext\":\"QUJD\",",
          "\"x\":\"y\",",
          ",\"x\":\"\"",
          "\"\":\"\",");

  private static Optional<byte[]> plain(String json) {
    return PlainJson.binary(json.getBytes(StandardCharsets.UTF_8), "plaintext", MAX_BYTES, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"plaintext\":\"aGk=\"}",
        "{\"plaintext\":\"aGk\"}",
        " \t\r\n{ \"plaintext\" : \"aGk=\" } \n",
        "{\"keyId\":\"b9c1\",\"plaintext\":\"aGk=\"}",
        "{\"plaintext\":\"aGk=\",\"keyId\":\"b9c1\",\"\":\"\"}"
      })
  void readsWhatClientsSend(String json) {
    assertArrayEquals(new byte[] {'h', 'i'}, plain(json).orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"plaintext\":\"\"}",
        "{\"plaintext\":\"a\"}",
        "{\"plaintext\":\"aG\\u006b=\"}",
        "{\"plaintext\":\"aGk=\",\"plaintext\":\"aGk=\"}",
        "{\"plaintext\":\"aGk=\",\"keyId\":7}",
        "{\"plaintext\":\"aGk=\",\"keyId\":\"\u00e9\"}",
        "{\"plaintext\":\"aGk=\",}",
        "{\"plaintext\":\"aGk=\"}}",
        "{\"plaintext\":\"aGk=\"",
        "{\"plaintext\":\"aGk="
      })
  void leavesEverythingElseToTheParser(String json) {
    assertTrue(plain(json).isEmpty());
  }

  @Test
  void agreesWithTheParserOnSeededBodies() {
    Random random = new Random(17);
    int read = 0;
    for (int i = 0; i < BODIES; i++) {
      byte[] json = body(random);
      boolean strict = random.nextBoolean();

      assertEquals(
          outcome(json, strict, Body::parsedBinary),
          outcome(json, strict, Body::binary),
          () -> "strict " + strict + ": " + new String(json, StandardCharsets.ISO_8859_1));
      read += PlainJson.binary(json, "plaintext", MAX_BYTES, strict).isPresent() ? 1 : 0;
    }
    int shortcuts = read;
    assertTrue(shortcuts > BODIES / 5 && shortcuts < BODIES / 2, () -> shortcuts + " shortcuts");
  }

  @FunctionalInterface
  interface Reading {
    byte[] from(Body body, String member, String label, int maxBytes)
        throws ValidationException, RefusedException;
  }

  /** What came out, or what was wrong, in words. */
  static String outcome(byte[] json, boolean strict, Reading reading) {
    try {
      BodySource source =
          new BodySource(
              new ByteArrayInputStream(json), Optional.of("application/json"), json.length);
      Body body = Body.read(source, 1 << 20, strict);
      return Arrays.toString(reading.from(body, "plaintext", "data", MAX_BYTES));
    } catch (ValidationException e) {
      return e.issues().toString();
    } catch (RefusedException e) {
      return e.kind() + " " + e.getMessage();
    }
  }

  /** Valid in one case of three, else spoilt in up to three places. */
  private static byte[] body(Random random) {
    StringBuilder json = new StringBuilder(space(random)).append('{');
    int plaintextAt = random.nextInt(3);
    int members = plaintextAt + 1 + random.nextInt(2);
    for (int i = 0; i < members; i++) {
      json.append(i == 0 ? "" : ",").append(space(random));
      json.append(i == plaintextAt ? "\"plaintext\"" : "\"k" + i + "\"").append(space(random));
      json.append(':').append(space(random)).append('"');
      json.append(i == plaintextAt ? base64(random) : "b9c1-" + i).append('"');
      json.append(space(random));
    }
    json.append('}').append(space(random));
    for (int spoils = random.nextInt(3) == 0 ? 0 : random.nextInt(4); spoils > 0; spoils--) {
      spoil(json, random);
    }
    return json.toString().getBytes(charset(random));
  }

  private static String space(Random random) {
    return random.nextInt(4) == 0 ? " \t\r\n".substring(random.nextInt(4)) : "";
  }

  private static String base64(Random random) {
    byte[] bytes = new byte[random.nextInt(MAX_BYTES + 4)];
    random.nextBytes(bytes);
    Base64.Encoder encoder = Base64.getEncoder();
    return (random.nextBoolean() ? encoder : encoder.withoutPadding()).encodeToString(bytes);
  }

  private static void spoil(StringBuilder json, Random random) {
    int from = random.nextInt(json.length() + 1);
    int to = Math.min(json.length(), from + random.nextInt(3));
    json.replace(from, to, PIECES.get(random.nextInt(PIECES.size())));
  }

  private static Charset charset(Random random) {
    return switch (random.nextInt(40)) {
      case 0 -> StandardCharsets.UTF_16LE;
      case 1 -> StandardCharsets.UTF_16;
      case 2 -> StandardCharsets.ISO_8859_1;
      default -> StandardCharsets.UTF_8;
    };
  }
}
