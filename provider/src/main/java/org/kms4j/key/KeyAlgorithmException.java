package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/** The key is of another algorithm than the one that it was to compute. */
public final class KeyAlgorithmException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;
  private final KeyAlgorithm actual;

  /** {@code wanted} is the standard name of what was to be computed, such as HmacSHA256. */
  public KeyAlgorithmException(UUID keyId, KeyAlgorithm actual, String wanted) {
    super("key " + keyId + " is of " + actual.text() + " and cannot compute " + wanted);
    this.keyId = keyId;
    this.actual = actual;
  }

  public UUID keyId() {
    return keyId;
  }

  /** What the key is of. */
  public KeyAlgorithm actual() {
    return actual;
  }
}
