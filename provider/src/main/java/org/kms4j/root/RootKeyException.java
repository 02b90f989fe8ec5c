package org.kms4j.root;

import java.io.Serial;
import java.security.ProviderException;

/** The root key cannot be had, is not the one wanted, or does not unwrap what it should. */
public final class RootKeyException extends ProviderException {
  @Serial private static final long serialVersionUID = 1L;

  public RootKeyException(String message) {
    super(message);
  }

  public RootKeyException(String message, Throwable cause) {
    super(message, cause);
  }
}
