package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/** The key was made not to be exported: its material never leaves. */
public final class KeyNotExportableException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;

  public KeyNotExportableException(UUID keyId) {
    super("key " + keyId + " is not exportable");
    this.keyId = keyId;
  }

  public UUID keyId() {
    return keyId;
  }
}
