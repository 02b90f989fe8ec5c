package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
  private static final String JSON = "application/json";
  private static final int MAX = 100;

  private static BodySource source(String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new BodySource(
        new ByteArrayInputStream(bytes), Optional.of(type).filter(t -> !t.isEmpty()), -1);
  }

  private static Body body(String type, String text) throws RefusedException {
    return Body.read(source(type, text), MAX, false);
  }

  private static byte[] plaintext(String json) throws Exception {
    return body(JSON, json).binary("plaintext", "data", 4);
  }

  private static String issues(String json) {
    return assertThrows(ValidationException.class, () -> plaintext(json)).issues().toString();
  }

  private static String refusal(String type, String text) {
    return String.valueOf(
        assertThrows(RefusedException.class, () -> body(type, text).binary("plaintext", "data", 4))
            .getMessage());
  }

  @Nested
  class OneBinaryMember {
    @Test
    void isDecodedWhereverItStands() throws Exception {
      byte[] wanted = {'h', 'i'};

      assertArrayEquals(wanted, plaintext("{\"plaintext\":\"aGk=\"}"));
      assertArrayEquals(
          wanted, plaintext(" {\"keyId\":[{\"a\":1e5}],\"plaintext\":\"aGk\",\"b\":null} "));
      assertArrayEquals(wanted, plaintext("{\"plaintext\":\"\\u0061Gk=\"}"));
    }

    @Test
    void mayComeAsAForm() throws Exception {
      assertArrayEquals(
          new byte[] {'h', 'i'},
          body("application/x-www-form-urlencoded", "x=1&plaintext=aGk%3D")
              .binary("plaintext", "data", 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "text/plain"})
    void ofBrokenUtf8IsRefused(String type) {
      byte[] bytes = {'a', '=', (byte) 0xc3, '('};
      BodySource source = new BodySource(new ByteArrayInputStream(bytes), Optional.of(type), -1);

      assertEquals(
          "The body is not valid UTF-8",
          assertThrows(RefusedException.class, () -> Body.read(source, MAX, false)).getMessage());
    }

    @Test
    void isMissedOrOfAWrongTypeInTheWordsOfZod() {
      assertEquals(
          "[{\"expected\":\"string\",\"code\":\"invalid_type\",\"path\":[\"plaintext\"],"
              + "\"message\":\"Invalid input: expected string, received undefined\"}]",
          issues("{}"));
      assertTrue(issues("{\"plaintext\":7}").contains("received number"));
      assertTrue(issues("{\"plaintext\":null}").contains("received null"));
      assertTrue(issues("{\"plaintext\":{}}").contains("received object"));
      assertTrue(issues("{\"plaintext\":[]}").contains("received array"));
      assertTrue(issues("{\"plaintext\":true}").contains("received boolean"));
    }

    @Test
    void isNotBase64AndTooLargeAtOnce() {
      assertEquals(
          "[{\"code\":\"custom\",\"path\":[\"plaintext\"],\"message\":\"data must be base64"
              + " encoded\"},{\"code\":\"custom\",\"path\":[\"plaintext\"],\"message\":\"data cannot"
              + " exceed 4 bytes\"}]",
          issues("{\"plaintext\":\"!!!!!!!!\"}"));
    }

    @Test
    void mayBeAsLargeAsTheLimitAndNoLarger() throws Exception {
      assertEquals(4, plaintext("{\"plaintext\":\"AAAAAA==\"}").length);
      assertEquals(
          "[{\"code\":\"custom\",\"path\":[\"plaintext\"],"
              + "\"message\":\"data cannot exceed 4 bytes\"}]",
          issues("{\"plaintext\":\"AAAAAAA=\"}"));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{\"plaintext\":\"aGk=\",\"plaintext\":\"aGk=\"}",
          "{\"a\":1,\"plaintext\":\"aGk=\",\"a\":2}",
          "{\"plaintext\":\"aGk=\",\"x\":{\"b\":1,\"b\":2}}"
        })
    void isNotReadWhereAnyNameIsTwice(String json) {
      assertTrue(issues(json).contains("Duplicate member"));
    }
  }

  @Nested
  class NoObject {
    @ParameterizedTest
    @CsvSource({"null,null", "[],array", "\"x\",string", "5,number", "true,boolean"})
    void isNamedByItsType(String json, String type) {
      assertEquals(
          "[{\"expected\":\"object\",\"code\":\"invalid_type\",\"path\":[],"
              + "\"message\":\"Invalid input: expected object, received "
              + type
              + "\"}]",
          issues(json));
    }

    @Test
    void nothingAtAllIsNull() {
      ValidationException invalid =
          assertThrows(ValidationException.class, () -> body("", "").fields());

      assertTrue(invalid.issues().toString().contains("received null"));
    }

    @Test
    void plainTextIsAString() {
      ValidationException invalid =
          assertThrows(ValidationException.class, () -> body("text/plain", "{}").fields());

      assertTrue(invalid.issues().toString().contains("received string"));
    }
  }

  @Nested
  class Refused {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "{",
          "{\"plaintext\":",
          "{\"plaintext\":\"aGk=\"} x",
          "{\"plaintext\":\"aGk=\"}{}",
          "{'plaintext':'aGk='}",
          "{\"plaintext\":\"a\nGk=\"}",
          "nul",
          "{\"a\":01}",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
        })
    void whatIsNoJson(String text) {
      assertTrue(refusal(JSON, text).matches("The body is (not valid|more than one) JSON.*"));
    }

    @Test
    void anEmptyOrBlankBodyThatSaysItIsJson() {
      assertEquals(
          "The body is empty, but its content type is application/json", refusal(JSON, ""));
      assertEquals("The body is blank", refusal(JSON, "  \n"));
    }

    @Test
    void aTypeThatIsNotKnown() {
      String wanted = "The content type of the body is not supported: send application/json";

      assertEquals(wanted, refusal("application/xml", "<a/>"));
      assertEquals(wanted, refusal("", "{}"));
    }

    @Test
    void bytesThatAreNoUtf8() {
      byte[] broken = {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'};
      BodySource source = new BodySource(new ByteArrayInputStream(broken), Optional.of(JSON), -1);

      assertThrows(RefusedException.class, () -> Body.read(source, MAX, false).fields());
    }

    @Test
    void aBodyOverTheLimitAndItsRestIsReadOn() {
      ByteArrayInputStream in = new ByteArrayInputStream(new byte[5_000]);
      BodySource source = new BodySource(in, Optional.of(JSON), -1);

      RefusedException refused =
          assertThrows(RefusedException.class, () -> Body.read(source, MAX, false));
      source.discard();

      assertEquals("The body is larger than 100 bytes", refused.getMessage());
      assertEquals(0, in.available());
    }

    @Test
    void aBodyThatIsDeclaredTooLargeIsNotEvenRead() {
      ByteArrayInputStream in = new ByteArrayInputStream(new byte[5_000]);

      assertThrows(
          RefusedException.class,
          () -> Body.read(new BodySource(in, Optional.of(JSON), 5_000), MAX, false));

      assertEquals(5_000, in.available());
    }

    @Test
    void aBodyThatBreaksOff() {
      InputStream broken =
          new InputStream() {
            @Override
            public int read() throws IOException {
              throw new IOException("reset");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
              throw new IOException("reset");
            }
          };

      assertEquals(
          "The body did not arrive whole",
          assertThrows(
                  RefusedException.class,
                  () -> Body.read(new BodySource(broken, Optional.of(JSON), 9), MAX, false))
              .getMessage());
    }
  }

  @Nested
  class Strictly {
    @Test
    void membersThatNobodyAsksForAreRefused() throws Exception {
      Body binary = Body.read(source(JSON, "{\"plaintext\":\"aGk=\",\"a\":1,\"b\":2}"), MAX, true);
      Fields fields = Body.read(source(JSON, "{\"name\":\"x\",\"a\":1}"), MAX, true).fields();
      fields.slug("name", "Name");

      assertEquals(
          "[{\"code\":\"unrecognized_keys\",\"keys\":[\"a\",\"b\"],\"path\":[],"
              + "\"message\":\"Unrecognized keys: \\\"a\\\", \\\"b\\\"\"}]",
          assertThrows(ValidationException.class, () -> binary.binary("plaintext", "data", 4))
              .issues()
              .toString());
      assertEquals(
          "[{\"code\":\"unrecognized_keys\",\"keys\":[\"a\"],\"path\":[],"
              + "\"message\":\"Unrecognized key: \\\"a\\\"\"}]",
          assertThrows(ValidationException.class, fields::end).issues().toString());
    }
  }

  @Nested
  class OtherParts {
    private final ObjectNode part = JsonNodeFactory.instance.objectNode();
    private final Fields fields = new Fields(part, false);

    private String issues() {
      return assertThrows(ValidationException.class, fields::end).issues().toString();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
          "6BA7B810-9DAD-41D1-B0B4-00C04FD430C8",
          "00000000-0000-0000-0000-000000000000",
          "ffffffff-ffff-ffff-ffff-ffffffffffff"
        })
    void aUuidOfZod4IsAUuid(String text) throws Exception {
      part.put("keyId", text);

      assertEquals(UUID.fromString(text), fields.uuid("keyId"));
      fields.end();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "6ba7b810-9dad-01d1-80b4-00c04fd430c8",
          "6ba7b810-9dad-91d1-80b4-00c04fd430c8",
          "6ba7b810-9dad-41d1-c0b4-00c04fd430c8",
          "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
          "6ba7b8109dad41d180b400c04fd430c8",
          "{6ba7b810-9dad-41d1-80b4-00c04fd430c8}",
          "6ba7b810-9dad-41d1-80b4-00c04fd430c8\n",
          "1-1-1-1-1",
          ""
        })
    void anythingElseIsNot(String text) {
      part.put("keyId", text);
      fields.uuid("keyId");

      assertTrue(issues().contains("\"message\":\"Invalid UUID\""));
    }

    @ParameterizedTest
    @CsvSource({
      "' ABC ',abc",
      "a-1,a-1",
      "x,x",
      "12345678901234567890123456789012,12345678901234567890123456789012"
    })
    void aNameIsTrimmedAndLowerCased(String text, String slug) throws Exception {
      part.put("name", text);

      assertEquals(slug, fields.slug("name", "Name"));
      fields.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a_b", "-a", "a-", "a--b", "é", "a.b", "a/b"})
    void aNameIsASlug(String text) {
      part.put("name", text);
      fields.slug("name", "Name");

      assertTrue(issues().contains("Name field can only contain letters, numbers, and hyphens"));
    }

    @Test
    void aNameIsNeitherEmptyNorLong() {
      part.put("name", "  ").put("keyName", "a".repeat(33));
      fields.slug("name", "Name");
      fields.slug("keyName", "Key name");

      assertEquals(
          "[{\"origin\":\"string\",\"code\":\"too_small\",\"minimum\":1,\"inclusive\":true,"
              + "\"path\":[\"name\"],\"message\":\"Name field must be at least 1 character\"},"
              + "{\"origin\":\"string\",\"code\":\"too_big\",\"maximum\":32,\"inclusive\":true,"
              + "\"path\":[\"keyName\"],\"message\":\"Key name field must be at most 32"
              + " characters\"}]",
          issues());
    }

    @ParameterizedTest
    @CsvSource({"5,5", "' 7 ',7", "1e2,100", "'',0", "+3,3", "4.0,4"})
    void aNumberIsReadAsJavaScriptDoes(String text, int number) throws Exception {
      part.put("offset", text);

      assertEquals(number, fields.number("offset", 9, 0, 100));
      fields.end();
    }

    @ParameterizedTest
    @CsvSource({
      "abc,'expected number, received NaN'",
      "1.5,'expected int, received number'",
      "-1,'expected number to be >=0'",
      "101,'expected number to be <=100'",
      "1e999,'expected number to be <=100'"
    })
    void aNumberKeepsItsBounds(String text, String message) {
      part.put("offset", text);
      fields.number("offset", 9, 0, 100);

      assertTrue(issues().contains(message), text);
    }

    @Test
    void aDescriptionIsProseOfBoundedLength() {
      part.put("a", "x".repeat(501)).put("b", "nul\0").put("c", "line\nbreak");
      fields.prose("a", 500);
      fields.prose("b", 500);
      fields.prose("c", 500);

      assertEquals(
          "[{\"origin\":\"string\",\"code\":\"too_big\",\"maximum\":500,\"inclusive\":true,"
              + "\"path\":[\"a\"],\"message\":\"Too big: expected string to have <=500"
              + " characters\"},{\"code\":\"custom\",\"path\":[\"b\"],\"message\":\"b must not contain"
              + " the character U+0000\"}]",
          issues());
    }
  }
}
