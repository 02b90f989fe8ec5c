package org.kms4j.servlet.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A client secret at the one moment when it can be shown: 256 random bits as 64 hex digits. Only
 * its SHA-256 is kept.
 *
 * @param id names it for life; no secret
 * @param text what the client logs in with
 */
public record ClientSecret(UUID id, String text) {
  private static final int SECRET_BYTES = 32;
  private static final int PREFIX_CHARS = 4;

  static ClientSecret draw(SecureRandom random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return new ClientSecret(UUID.randomUUID(), HexFormat.of().formatHex(bytes));
  }

  /** Tells secrets apart where only some digits may be shown. */
  String prefix() {
    return text.substring(0, PREFIX_CHARS);
  }

  byte[] sha256() {
    return sha256(text);
  }

  static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "ClientSecret[" + id + "]";
  }
}
