package org.kms4j.aead;

import java.io.Serial;

/** The key was wiped before the operation began; nothing was computed. */
public final class DestroyedKeyException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  /** For who knows it of a whole key, not of one engine. */
  public static DestroyedKeyException before() {
    return new DestroyedKeyException();
  }

  DestroyedKeyException() {
    super("the key material was destroyed");
  }
}
