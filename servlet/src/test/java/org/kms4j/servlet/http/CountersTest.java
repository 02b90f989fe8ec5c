package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.http.Counters.Count;

class CountersTest {
  private final Counters counters = new Counters();

  @Test
  void nothingIsCountedAtFirst() {
    assertEquals(List.of(), counters.snapshot());
  }

  @Test
  void aSeriesIsARouteAndAKindOfAnswer() {
    counters.count("b", 200, 5);
    counters.count("b", 204, 7);
    counters.count("b", 404, 1);
    counters.count("a", 500, 2);

    assertEquals(
        List.of(
            new Count("a", "5xx", 1, 2, 2),
            new Count("b", "2xx", 2, 12, 7),
            new Count("b", "4xx", 1, 1, 1)),
        counters.snapshot());
  }

  @Test
  void noRequestOfManyThreadsIsForgotten() throws Exception {
    int threads = 8;
    int each = 20_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        all.add(
            pool.submit(
                () -> {
                  for (int i = 1; i <= each; i++) {
                    counters.count("a", 200, i);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }

    long nanos = (long) threads * each * (each + 1) / 2;
    assertEquals(
        List.of(new Count("a", "2xx", (long) threads * each, nanos, each)), counters.snapshot());
  }
}
