package org.kms4j.servlet.auth;

import java.time.Duration;

/**
 * How long an identity's access tokens live.
 *
 * @param ttl from issue or renewal, in seconds; 0 for as long as {@code maxTtl} allows
 * @param maxTtl from first issue, however often renewed, in seconds; 0 for as long as the server
 *     allows
 */
public record TokenLifetime(long ttl, long maxTtl) {
  /** What may be asked for at most. */
  public static final Duration LONGEST = Duration.ofDays(3_650);

  /** What the server allows, and an identity has, that were given nothing else. */
  public static final Duration USUAL = Duration.ofDays(30);

  /** What an identity has that was given nothing else. */
  public static final TokenLifetime DEFAULT =
      new TokenLifetime(USUAL.toSeconds(), USUAL.toSeconds());

  public TokenLifetime {
    if (ttl < 0 || maxTtl < 0 || maxTtl > LONGEST.toSeconds() || ttl > LONGEST.toSeconds()) {
      throw new IllegalArgumentException(
          "token lifetime of %d s, at most %d s: want 0 to %d"
              .formatted(ttl, maxTtl, LONGEST.toSeconds()));
    }
    if (maxTtl > 0 && ttl > maxTtl) {
      throw new IllegalArgumentException(
          "token lifetime of %d s, which is more than at most %d s".formatted(ttl, maxTtl));
    }
  }

  /** The same where no token lives longer than this; {@code maxTtl} is then never 0. */
  TokenLifetime within(Duration longest) {
    long max = maxTtl == 0 ? longest.toSeconds() : Math.min(maxTtl, longest.toSeconds());
    return new TokenLifetime(Math.min(ttl, max), max);
  }
}
