package org.kms4j.servlet.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Percent-encoding, strictly: a broken escape or broken UTF-8 is refused, never guessed at. */
public final class UrlText {
  private UrlText() {}

  /** A segment of a path. */
  public static String segment(String text) throws RefusedException {
    return decode(text, false, "path");
  }

  /** A query: each name with its value, or with all of them where it stands more than once. */
  public static ObjectNode query(String text) throws RefusedException {
    return pairs(text, "query parameters");
  }

  /** A body of type {@code application/x-www-form-urlencoded}. */
  static ObjectNode form(String text) throws RefusedException {
    return pairs(text, "the body");
  }

  private static ObjectNode pairs(String text, String where) throws RefusedException {
    ObjectNode pairs = JsonNodeFactory.instance.objectNode();
    for (String pair : text.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        put(pairs, decode(name, true, where), decode(value, true, where));
      }
    }
    return pairs;
  }

  private static void put(ObjectNode pairs, String name, String value) {
    JsonNode present = pairs.path(name);
    if (present.isMissingNode()) {
      pairs.put(name, value);
    } else if (present instanceof ArrayNode array) {
      array.add(value);
    } else {
      pairs.putArray(name).add(present).add(value);
    }
  }

  private static String decode(String text, boolean plusIsSpace, String where)
      throws RefusedException {
    String spaced = plusIsSpace ? text.replace('+', ' ') : text;
    if (spaced.indexOf('%') < 0) {
      return spaced;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(spaced.length());
    int i = 0;
    while (i < spaced.length()) {
      int percent = spaced.indexOf('%', i);
      int end = percent < 0 ? spaced.length() : percent;
      bytes.writeBytes(spaced.substring(i, end).getBytes(StandardCharsets.UTF_8));
      i = end;
      if (percent >= 0) {
        bytes.write(octet(spaced, percent, where));
        i += 3;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed(where);
    }
  }

  private static int octet(String text, int percent, String where) throws RefusedException {
    if (percent + 2 >= text.length()) {
      throw malformed(where);
    }
    // Of ASCII alone: a digit of another script would be guessed at, not read.
    if (!HexFormat.isHexDigit(text.charAt(percent + 1))
        || !HexFormat.isHexDigit(text.charAt(percent + 2))) {
      throw malformed(where);
    }
    return HexFormat.fromHexDigits(text, percent + 1, percent + 3);
  }

  private static RefusedException malformed(String where) {
    return RefusedException.badRequest("Malformed URL encoding in " + where);
  }
}
