package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base64TextTest {
  /** The rule as the API's source has it; for short texts only. */
  static final Pattern RULE =
      Pattern.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?");

  private static Optional<byte[]> decode(String text) {
    return Base64Text.of(text.toCharArray(), 0, text.length()).decode();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "=",
        "==",
        "a",
        "a=",
        "a==",
        "abcde",
        "aGVsbG8==",
        "aGVsbG8===",
        "ab=c",
        "abcd=",
        "abcd==",
        "ab==cdef",
        "aGVs bG8=",
        "aGVsbG8=\n",
        "\naGVsbG8=",
        "aGVs\nbG8=",
        "aGVsbG8-",
        "aGVsbG8_",
        "data:;base64,aGVs",
        "aGVsbG8\u00e9",
        "\u0141GVs",
        "aGV\u0000"
      })
  void refuses(String text) {
    assertTrue(decode(text).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"aGVsbG8=", "aGVsbG8", "aGVsbG8h", "aGVsbA==", "aGVsbA", "/+==", "/+8="})
  void acceptsWithAndWithoutPadding(String text) {
    byte[] wanted = Base64.getDecoder().decode(text);

    assertArrayEquals(wanted, decode(text).orElseThrow());
  }

  @Test
  void bitsBeyondTheLastByteAreIgnored() {
    assertArrayEquals(new byte[] {'h'}, decode("aH==").orElseThrow());
    assertArrayEquals(new byte[] {'h'}, decode("aA==").orElseThrow());
  }

  @Test
  void readsPartOfAnArray() {
    char[] text = "xxaGVsbG8=xx".toCharArray();

    assertArrayEquals(
        "hello".getBytes(StandardCharsets.UTF_8), Base64Text.of(text, 2, 8).decode().orElseThrow());
  }

  @Test
  void agreesWithTheRuleOnRandomTexts() {
    Random random = new Random(3);
    String alphabet = "Aa9+/=-_ \n";
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(10);
      for (int j = 0; j < length; j++) {
        int bound = random.nextInt(8) == 0 ? alphabet.length() : 5;
        text.append(alphabet.charAt(random.nextInt(bound)));
      }
      for (int j = random.nextInt(4); j > 0; j--) {
        text.append('=');
      }
      boolean wanted = text.length() > 0 && RULE.matcher(text).matches();

      assertEquals(wanted, decode(text.toString()).isPresent(), text.toString());
    }
  }

  @Test
  void aMegabyteNeedsNoStack() {
    byte[] bytes = new byte[1 << 20];
    new Random(4).nextBytes(bytes);

    assertArrayEquals(bytes, decode(Base64.getEncoder().encodeToString(bytes)).orElseThrow());
  }

  @Test
  void tellsTheSizeOfWhatIsWrongToo() {
    assertEquals(3, Base64Text.of("!!!!".toCharArray(), 0, 4).bytes());
    assertEquals(1, Base64Text.of("aA==".toCharArray(), 0, 4).bytes());
  }
}
