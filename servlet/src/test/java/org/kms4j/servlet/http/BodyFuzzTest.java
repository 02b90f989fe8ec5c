package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Sends arbitrary bytes under any content type: they are read by the rules of the members that are
 * asked for, or refused by one of the two exceptions that become 400 and 422, in known words.
 */
class BodyFuzzTest {
  private static final int MAX_BYTES = 4_096;
  private static final int MAX_BINARY = 40;
  private static final List<String> CHOICES = List.of("asc", "desc");
  private static final Set<String> TYPES =
      Set.of("application/json", "application/x-www-form-urlencoded", "text/plain");

  /**
   * What is sent. Format: how(1) ‖ content type ‖ 0 ‖ body; what has no 0 is all body, in JSON.
   *
   * @param strict the lowest bit of how
   * @param declaredBytes by the next: whether the length of the body is told
   * @param binary by the next: whether one member of bytes is wanted, or many small ones
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Sent(
      boolean strict, long declaredBytes, boolean binary, Optional<String> type, byte[] body) {
    static Sent of(byte... data) {
      int how = data.length == 0 ? 0 : data[0];
      int end = 1;
      while (end < data.length && data[end] != 0) {
        end++;
      }
      boolean typed = end < data.length;
      int from = typed ? end + 1 : Math.min(1, data.length);
      byte[] body = Arrays.copyOfRange(data, from, data.length);
      String type = typed ? new String(data, 1, end - 1, StandardCharsets.ISO_8859_1) : "";
      return new Sent(
          (how & 1) != 0,
          (how & 2) != 0 ? body.length : -1,
          (how & 4) != 0,
          typed ? Optional.of(type).filter(t -> !t.isEmpty()) : Optional.of("application/json"),
          body);
    }

    Body read() throws RefusedException {
      return Body.read(
          new BodySource(new ByteArrayInputStream(body), type, declaredBytes), MAX_BYTES, strict);
    }

    boolean isJson() {
      return mediaType().equals("application/json");
    }

    String mediaType() {
      return type.orElse("").replaceFirst("(?s);.*", "").strip().toLowerCase(Locale.ROOT);
    }
  }

  @FuzzTest
  void isReadOrRefusedInKnownWords(byte[] data) throws Exception {
    Sent sent = Sent.of(data);
    try {
      Body body = sent.read();

      assertTrue(
          TYPES.contains(sent.mediaType()) || (sent.type().isEmpty() && sent.body().length == 0));
      assertTrue(sent.isJson() || isUtf8(sent.body()), "guessed at");
      if (sent.binary()) {
        byte[] bytes = body.binary("data", "data", MAX_BINARY);
        assertTrue(bytes.length > 0 && bytes.length <= MAX_BINARY);
      } else {
        read(body.fields(), sent);
      }
    } catch (RefusedException e) {
      assertEquals(RefusedException.Kind.BAD_REQUEST, e.kind());
      String text = String.valueOf(e.getMessage());
      assertTrue(
          text.matches("(The (content type of the )?body|Malformed URL encoding in) .*"), text);
    } catch (ValidationException e) {
      assertFalse(e.issues().isEmpty());
      for (JsonNode issue : e.issues()) {
        assertTrue(issue.get("code").isTextual() && issue.get("message").isTextual());
        assertTrue(issue.get("path").isArray());
      }
    }
  }

  private static boolean isUtf8(byte... bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
  }

  /** Asks for a member of each rule; what passes keeps the rule, and is what a stranger reads. */
  private static void read(Fields fields, Sent sent) throws Exception {
    String text = fields.text("text");
    Optional<String> prose = fields.prose("prose", 20);
    String slug = fields.slug("slug", "Name");
    UUID uuid = fields.uuid("uuid");
    List<UUID> uuids = fields.uuids("uuids", 1, 3);
    List<String> objects = fields.objects("objects", 1, 3, inner -> inner.trimmed("text"));
    Optional<Boolean> flag = fields.optionalFlag("flag");
    String choice = fields.choice("choice", CHOICES);
    byte[] bytes = fields.base64("data", MAX_BINARY);
    int number = fields.number("number", 7, 1, 100);
    int amount = fields.amount("amount", 7, 1, 100);
    fields.end();

    assertTrue(prose.orElse("").length() <= 20 && prose.orElse("").indexOf('\0') < 0);
    assertTrue(slug.length() <= 32 && slug.matches("[a-z0-9]+(-[a-z0-9]+)*"), slug);
    assertTrue(uuids.size() >= 1 && uuids.size() <= 3);
    assertTrue(objects.size() >= 1 && objects.size() <= 3);
    assertTrue(CHOICES.contains(choice));
    assertTrue(bytes.length >= 1 && bytes.length <= MAX_BINARY);
    assertTrue(number >= 1 && number <= 100);
    assertTrue(amount >= 1 && amount <= 100);
    if (sent.isJson()) {
      JsonNode stranger = new ObjectMapper().readTree(sent.body());
      assertEquals(stranger.get("text").textValue(), text);
      assertEquals(UUID.fromString(stranger.get("uuid").textValue()), uuid);
      assertEquals(stranger.get("uuids").size(), uuids.size());
      assertEquals(stranger.path("flag").asBoolean(), flag.orElse(false));
      assertEquals(stranger.path("amount").asInt(7), amount);
    }
  }
}
