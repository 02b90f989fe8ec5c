package org.kms4j.servlet.http;

import java.util.Arrays;
import java.util.Optional;

/**
 * The base64 rule of the API: standard alphabet; padding complete or absent; no white space; not
 * empty. Bits beyond the last whole byte are ignored.
 *
 * <p>One pass, in constant stack, straight to bytes: an expression for the same rule runs a Java
 * stack full on a megabyte. The rule: {@code
 * (?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?}.
 */
final class Base64Text {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  private static final int BITS_PER_CHAR = 6;
  private static final byte NONE = -1;
  private static final byte[] VALUES = values();

  private final char[] text;
  private final int offset;
  private final int length;
  private final int padding;

  private Base64Text(char[] text, int offset, int length) {
    this.text = text;
    this.offset = offset;
    this.length = length;
    this.padding = padding(text, offset, length);
  }

  /** The text that stands in part of an array, which is not copied. */
  static Base64Text of(char[] text, int offset, int length) {
    return new Base64Text(text, offset, length);
  }

  private static byte[] values() {
    byte[] values = new byte[Byte.MAX_VALUE + 1];
    Arrays.fill(values, NONE);
    for (int i = 0; i < ALPHABET.length(); i++) {
      values[ALPHABET.charAt(i)] = (byte) i;
    }
    return values;
  }

  private static int padding(char[] text, int offset, int length) {
    int count = 0;
    while (count < 2 && count < length && text[offset + length - 1 - count] == '=') {
      count++;
    }
    return count;
  }

  /** How many bytes it stands for, be it right or wrong. */
  int bytes() {
    return (int) ((long) (length - padding) * BITS_PER_CHAR / Byte.SIZE);
  }

  /** The bytes, if it follows the rule. */
  Optional<byte[]> decode() {
    int digits = length - padding;
    int rest = digits % 4;
    boolean padded = padding == 0 ? rest != 1 : rest + padding == 4;
    if (digits == 0 || !padded) {
      return Optional.empty();
    }
    byte[] decoded = new byte[bytes()];
    int bits = 0;
    int pending = 0;
    int at = 0;
    for (int i = offset; i < offset + digits; i++) {
      char c = text[i];
      byte value = c < VALUES.length ? VALUES[c] : NONE;
      if (value == NONE) {
        Arrays.fill(decoded, (byte) 0);
        return Optional.empty();
      }
      bits = bits << BITS_PER_CHAR | value;
      pending += BITS_PER_CHAR;
      if (pending >= Byte.SIZE) {
        pending -= Byte.SIZE;
        decoded[at++] = (byte) (bits >>> pending);
      }
    }
    return Optional.of(decoded);
  }
}
