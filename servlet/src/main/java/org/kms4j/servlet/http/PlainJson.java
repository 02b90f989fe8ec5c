package org.kms4j.servlet.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the one shape of body that nearly all clients send to encrypt and decrypt: an object of
 * strings without escapes. A parser of JSON costs several times the encryption there.
 *
 * <p>It answers what {@link Body} would find by its parser, or nothing; what is wrong is never its
 * to say.
 *
 * <p>For use by one thread.
 */
final class PlainJson {
  /** Shorter than any limit of the parser. */
  private static final int MAX_SHORT_CHARS = 1_000;

  private static final String SPACE = " \t\r\n";

  private final byte[] bytes;

  /** One char a byte: what looks for a quote in it is an intrinsic of the JVM. */
  private final String text;

  private int at;
  private int from;
  private int to;

  private PlainJson(byte[] bytes) {
    this.bytes = bytes;
    this.text = new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /**
   * The one member that matters, decoded from base64; empty if the body has another shape, or
   * anything is wrong with it.
   *
   * @param alone whether further members are not of this shape
   */
  static Optional<byte[]> binary(byte[] json, String member, int maxBytes, boolean alone) {
    return new PlainJson(json).binary(member, alone).filter(found -> found.length <= maxBytes);
  }

  private Optional<byte[]> binary(String member, boolean alone) {
    Set<String> seen = new HashSet<>();
    Optional<byte[]> value = Optional.empty();
    if (!take('{')) {
      return Optional.empty();
    }
    do {
      if (!takeString() || !isShort()) {
        return Optional.empty();
      }
      String name = text.substring(from, to);
      if (!seen.add(name) || !take(':') || !takeString()) {
        return Optional.empty();
      }
      if (name.equals(member)) {
        value = Optional.of(Arrays.copyOfRange(bytes, from, to));
      } else if (alone || !isShort()) {
        return Optional.empty();
      }
    } while (take(','));
    boolean whole = take('}') && isAtEnd();
    return whole ? value.flatMap(PlainJson::decode) : Optional.empty();
  }

  /**
   * The JDK's rule is that of {@link Base64Text}, but that it takes nothing for something. What has
   * an escape, or is more than ASCII, does not follow it.
   */
  private static Optional<byte[]> decode(byte[] base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64)).filter(found -> found.length > 0);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean take(char wanted) {
    skipSpace();
    boolean there = at < text.length() && text.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }

  /** A string as far as the next quote; a quote in it would have an escape before it. */
  private boolean takeString() {
    if (!take('"')) {
      return false;
    }
    from = at;
    to = text.indexOf('"', at);
    at = to + 1;
    return to >= 0;
  }

  private boolean isShort() {
    boolean plain = to - from <= MAX_SHORT_CHARS;
    for (int i = from; plain && i < to; i++) {
      char c = text.charAt(i);
      plain = c >= ' ' && c < '\u007f' && c != '\\';
    }
    return plain;
  }

  private boolean isAtEnd() {
    skipSpace();
    return at == text.length();
  }

  private void skipSpace() {
    while (at < text.length() && SPACE.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
