package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/** No key, or no such version of it, is in the store. */
public final class KeyNotFoundException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;

  public KeyNotFoundException(UUID keyId) {
    super("no key " + keyId);
    this.keyId = keyId;
  }

  public KeyNotFoundException(UUID keyId, int version) {
    super("no version " + version + " of key " + keyId);
    this.keyId = keyId;
  }

  public UUID keyId() {
    return keyId;
  }
}
