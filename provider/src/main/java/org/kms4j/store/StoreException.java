package org.kms4j.store;

import java.io.Serial;
import java.security.ProviderException;

/** The store does not answer, or holds what it must not; the caller did nothing wrong. */
public final class StoreException extends ProviderException {
  @Serial private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
