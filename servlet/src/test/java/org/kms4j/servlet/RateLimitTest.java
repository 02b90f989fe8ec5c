package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.http.RateLimitExceededException;

class RateLimitTest {
  private static final UUID SOMEBODY = UUID.randomUUID();

  private final TestClock clock = new TestClock();

  private static void take(RateLimit limit, UUID identity, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      limit.take(identity);
    }
  }

  private static long seconds(RateLimit limit, UUID identity) {
    return assertThrows(RateLimitExceededException.class, () -> limit.take(identity)).seconds();
  }

  @Test
  void aMinutesWorthMayComeAtOnce() throws Exception {
    RateLimit limit = RateLimit.perMinute(60, clock);
    take(limit, SOMEBODY, 60);

    assertEquals(1, seconds(limit, SOMEBODY));
  }

  @Test
  void theBucketFillsEvenly() throws Exception {
    RateLimit limit = RateLimit.perMinute(3, clock);
    take(limit, SOMEBODY, 3);
    assertEquals(20, seconds(limit, SOMEBODY));

    clock.advance(Duration.ofMillis(19_999));
    assertEquals(1, seconds(limit, SOMEBODY));
    clock.advance(Duration.ofMillis(1));
    take(limit, SOMEBODY, 1);

    assertEquals(20, seconds(limit, SOMEBODY));
    clock.advance(Duration.ofMinutes(10));
    take(limit, SOMEBODY, 3);
    assertEquals(20, seconds(limit, SOMEBODY));
  }

  @Test
  void waitingAsLongAsToldIsEnough() throws Exception {
    for (int perMinute : new int[] {1, 7, 59, 61, 1_000, 999_999}) {
      RateLimit limit = RateLimit.perMinute(perMinute, clock);
      take(limit, SOMEBODY, perMinute);
      while (true) {
        try {
          limit.take(SOMEBODY);
        } catch (RateLimitExceededException e) {
          clock.advance(Duration.ofSeconds(e.seconds()));
          break;
        }
      }

      limit.take(SOMEBODY);
    }
  }

  @Test
  void eachIdentityHasItsOwnBucket() throws Exception {
    RateLimit limit = RateLimit.perMinute(1, clock);
    limit.take(SOMEBODY);

    limit.take(UUID.randomUUID());

    assertEquals(60, seconds(limit, SOMEBODY));
  }

  @Test
  void withoutALimitNothingIsCounted() throws Exception {
    RateLimit none = RateLimit.perMinute(0, clock);
    take(none, SOMEBODY, 10_000);

    assertEquals(0, none.size());
  }

  @Test
  void whoIsRefusedLosesNothing() throws Exception {
    RateLimit limit = RateLimit.perMinute(1, clock);
    limit.take(SOMEBODY);
    for (int i = 0; i < 100; i++) {
      assertEquals(60, seconds(limit, SOMEBODY));
    }
    clock.advance(Duration.ofMinutes(1));

    limit.take(SOMEBODY);
  }

  @Test
  void aClockThatIsSetBackLocksNobodyOutForLong() throws Exception {
    RateLimit limit = RateLimit.perMinute(2, clock);
    take(limit, SOMEBODY, 2);

    clock.advance(Duration.ofDays(-1));

    assertEquals(30, seconds(limit, SOMEBODY));
  }

  @Test
  void threadsTogetherGetNoMore() throws Exception {
    RateLimit limit = RateLimit.perMinute(1_000, clock);
    List<Callable<Integer>> greedy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      greedy.add(() -> served(limit));
    }
    ExecutorService pool = Executors.newFixedThreadPool(4);

    int served = 0;
    for (Future<Integer> one : pool.invokeAll(greedy)) {
      served += one.get();
    }

    pool.shutdown();
    assertEquals(1_000, served);
  }

  private static int served(RateLimit limit) {
    int served = 0;
    for (int i = 0; i < 500; i++) {
      try {
        limit.take(SOMEBODY);
        served++;
      } catch (RateLimitExceededException e) {
        assertTrue(e.seconds() >= 1);
      }
    }
    return served;
  }

  @Test
  void theMemoryIsBounded() throws Exception {
    RateLimit limit = RateLimit.perMinute(2, clock);
    for (int i = 0; i < RateLimit.MAX_BUCKETS; i++) {
      limit.take(new UUID(1, i));
    }
    // All buckets are in use: whoever comes now shares one.
    limit.take(new UUID(2, 1));
    limit.take(new UUID(2, 2));
    assertEquals(30, seconds(limit, new UUID(2, 3)));
    limit.take(new UUID(1, 1));
    assertEquals(RateLimit.MAX_BUCKETS + 1, limit.size());

    // Those that are full are forgotten.
    clock.advance(Duration.ofMinutes(1));
    take(limit, new UUID(2, 3), 2);

    assertTrue(limit.size() < 10, () -> limit.size() + " buckets");
  }
}
