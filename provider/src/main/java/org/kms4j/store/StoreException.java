package org.kms4j.store;

import java.io.Serial;
import java.security.ProviderException;

/** The store does not answer, or holds what it must not; the caller did nothing wrong. */
public final class StoreException extends ProviderException {
  @Serial private static final long serialVersionUID = 1L;
  private final boolean busy;

  public StoreException(String message) {
    super(message);
    this.busy = false;
  }

  public StoreException(String message, Throwable cause) {
    this(message, cause, false);
  }

  StoreException(String message, Throwable cause, boolean busy) {
    super(message, cause);
    this.busy = busy;
  }

  /**
   * Whether it ended a wait for a connection, or for a lock that another transaction holds. Then
   * nothing was changed, and the same call may succeed if it is made again.
   */
  public boolean isBusy() {
    return busy;
  }

  /** The same failure, for another caller who met it. */
  public StoreException again() {
    return new StoreException(String.valueOf(getMessage()), this, isBusy());
  }
}
