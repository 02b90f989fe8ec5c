package org.kms4j.servlet.auth;

import java.time.Duration;

/**
 * How long an identity's access tokens live.
 *
 * @param ttl from issue or renewal, in seconds
 * @param maxTtl from first issue, however often renewed, in seconds
 */
public record TokenLifetime(long ttl, long maxTtl) {
  /** No token lives longer, and a revoked one need not be remembered longer. */
  public static final Duration MAX = Duration.ofDays(30);

  /** What an identity has that was given nothing else. */
  public static final TokenLifetime DEFAULT = new TokenLifetime(MAX.toSeconds(), MAX.toSeconds());

  public TokenLifetime {
    if (ttl < 1 || maxTtl < ttl || maxTtl > MAX.toSeconds()) {
      throw new IllegalArgumentException(
          "token lifetime of %d s, at most %d s: want 1 <= ttl <= max ttl <= %d"
              .formatted(ttl, maxTtl, MAX.toSeconds()));
    }
  }
}
