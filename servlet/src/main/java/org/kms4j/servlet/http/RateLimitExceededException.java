package org.kms4j.servlet.http;

import java.io.Serial;

/** The caller has asked more often than they may. */
public final class RateLimitExceededException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final long seconds;

  /**
   * @param seconds after which the same request may be served
   */
  public RateLimitExceededException(long seconds) {
    super("Rate limit exceeded. Please try again in " + seconds + " seconds");
    this.seconds = seconds;
  }

  public long seconds() {
    return seconds;
  }
}
