package org.kms4j.servlet.http;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many requests were answered, and how long that took, by route and kind of answer, since the
 * start.
 *
 * <p>Threat: a caller who makes up names until memory ends. A series is named by a route of the
 * API, never by a path.
 *
 * <p>Safe for use by many threads.
 */
public final class Counters {
  private final ConcurrentHashMap<Series, Cell> cells = new ConcurrentHashMap<>();

  /**
   * What is counted together.
   *
   * @param route the name of the route
   * @param statuses the first digit of the status
   */
  private record Series(String route, int statuses) {}

  private static final class Cell {
    private final LongAdder requests = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);

    private void add(long took) {
      requests.increment();
      nanos.add(took);
      longest.accumulate(took);
    }
  }

  /**
   * One series as it stands.
   *
   * @param route the name of the route
   * @param statuses the kind of answer, such as {@code 2xx}
   * @param requests how many were answered so
   * @param nanos how long they took together
   * @param longestNanos how long the longest took
   */
  public record Count(
      String route, String statuses, long requests, long nanos, long longestNanos) {}

  /** Counts a request. */
  public void count(String route, int status, long nanos) {
    Series series = new Series(route, status / 100);
    Cell known = cells.get(series);
    (known == null ? cells.computeIfAbsent(series, absent -> new Cell()) : known).add(nanos);
  }

  /** All series, by route and kind of answer. Each is nearly of one moment. */
  public List<Count> snapshot() {
    return cells.entrySet().stream()
        .map(
            entry ->
                new Count(
                    entry.getKey().route(),
                    entry.getKey().statuses() + "xx",
                    entry.getValue().requests.sum(),
                    entry.getValue().nanos.sum(),
                    entry.getValue().longest.get()))
        .sorted(Comparator.comparing(Count::route).thenComparing(Count::statuses))
        .toList();
  }
}
