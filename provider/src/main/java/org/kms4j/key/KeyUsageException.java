package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/** The key is for another use than the one asked for. */
public final class KeyUsageException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;
  private final KeyUsage expected;
  private final KeyUsage actual;

  public KeyUsageException(UUID keyId, KeyUsage expected, KeyUsage actual) {
    super("key " + keyId + " is for " + actual.text() + ", not for " + expected.text());
    this.keyId = keyId;
    this.expected = expected;
    this.actual = actual;
  }

  public UUID keyId() {
    return keyId;
  }

  /** What was asked of the key. */
  public KeyUsage expected() {
    return expected;
  }

  /** What the key is for. */
  public KeyUsage actual() {
    return actual;
  }
}
