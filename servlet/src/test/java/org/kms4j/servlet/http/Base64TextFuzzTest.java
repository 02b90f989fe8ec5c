package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Decodes arbitrary texts: those that follow the rule, to what the JDK makes of them. */
class Base64TextFuzzTest {
  /** A longer one would fill the stack by the expression, which is why the code does without. */
  private static final int MAX_CHARS = 2_000;

  @FuzzTest
  void whatFollowsTheRuleIsDecoded(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    Optional<byte[]> decoded = Base64Text.of(text.toCharArray(), 0, text.length()).decode();

    if (text.length() <= MAX_CHARS) {
      boolean follows = !text.isEmpty() && Base64TextTest.RULE.matcher(text).matches();
      assertEquals(follows, decoded.isPresent());
    }
    decoded.ifPresent(bytes -> assertArrayEquals(Base64.getDecoder().decode(text), bytes));
  }
}
