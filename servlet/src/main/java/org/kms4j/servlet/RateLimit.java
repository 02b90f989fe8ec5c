package org.kms4j.servlet;

import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.kms4j.servlet.http.RateLimitExceededException;

/**
 * How often an identity may ask: each has a bucket that holds a minute's worth of requests and
 * fills evenly. This process counts for itself.
 *
 * <p>Threat: one client that takes the server from all others; and a limit that itself takes the
 * memory. A bucket is one number, the moment at which it will be full; one that is full is
 * forgotten; beyond {@link #MAX_BUCKETS} that are not, identities share one.
 *
 * <p>Safe for use by many threads.
 */
final class RateLimit {
  /** Of the order of 100 bytes each. */
  static final int MAX_BUCKETS = 100_000;

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
  private static final UUID SHARED = new UUID(0, 0);

  private final long nanosPerRequest;
  private final Clock clock;
  private final ConcurrentHashMap<UUID, Long> fullAt = new ConcurrentHashMap<>();
  private final AtomicLong sweptAt = new AtomicLong();

  private RateLimit(long nanosPerRequest, Clock clock) {
    this.nanosPerRequest = nanosPerRequest;
    this.clock = clock;
  }

  /** So many requests a minute, likewise at once; 0 for any number. */
  static RateLimit perMinute(int requests, Clock clock) {
    return new RateLimit(requests == 0 ? 0 : MINUTE / requests, clock);
  }

  /**
   * Takes one request out of the identity's bucket.
   *
   * @throws RateLimitExceededException if there is none in it
   */
  void take(UUID identity) throws RateLimitExceededException {
    if (nanosPerRequest == 0) {
      return;
    }
    long now = clock.millis() * MILLISECOND;
    long[] missing = {0};
    fullAt.compute(
        bucket(identity, now),
        (id, known) -> {
          // A clock that was set back must not lock anybody out for longer than a minute.
          long full = known == null ? now : Math.min(Math.max(known, now), now + MINUTE);
          missing[0] = full + nanosPerRequest - now - MINUTE;
          return missing[0] > 0 ? full : full + nanosPerRequest;
        });
    if (missing[0] > 0) {
      throw new RateLimitExceededException((missing[0] + SECOND - 1) / SECOND);
    }
  }

  private UUID bucket(UUID identity, long now) {
    if (fullAt.size() < MAX_BUCKETS || fullAt.containsKey(identity)) {
      return identity;
    }
    long swept = sweptAt.get();
    // Looking at all of them for every request would be an attack of its own.
    if (Math.abs(now - swept) >= SECOND && sweptAt.compareAndSet(swept, now)) {
      fullAt.values().removeIf(full -> full <= now);
    }
    return fullAt.size() < MAX_BUCKETS ? identity : SHARED;
  }

  /** Buckets that are not full, or were not when last looked at. */
  int size() {
    return fullAt.size();
  }
}
