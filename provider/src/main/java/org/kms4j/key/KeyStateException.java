package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/** The key is there but disabled: it neither opens nor seals until it is enabled again. */
public final class KeyStateException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;
  private final KeyState state;

  public KeyStateException(UUID keyId, KeyState state) {
    super("key " + keyId + " is " + state.text());
    this.keyId = keyId;
    this.state = state;
  }

  public UUID keyId() {
    return keyId;
  }

  public KeyState state() {
    return state;
  }
}
