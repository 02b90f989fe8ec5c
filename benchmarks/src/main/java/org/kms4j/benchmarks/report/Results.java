package org.kms4j.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All cells of one or more files that JMH wrote with {@code -rf json}; the same cell twice is one.
 */
public final class Results {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PACKAGE = "org.kms4j.benchmarks.";
  private static final String ALLOCATION = "gc.alloc.rate.norm";
  private static final Map<String, Double> NANOS =
      Map.of("ns/op", 1.0, "us/op", 1e3, "ms/op", 1e6, "s/op", 1e9);

  private final Collection<Cell> cells;

  private Results(Collection<Cell> cells) {
    this.cells = cells;
  }

  /**
   * Reads the files.
   *
   * @throws IOException if one cannot be read or is not what JMH writes; names it
   */
  public static Results read(List<Path> files) throws IOException {
    Map<Cell.Id, Cell> all = new LinkedHashMap<>();
    for (Path file : files) {
      JsonNode runs = JSON.readTree(file.toFile());
      if (!runs.isArray()) {
        throw new IOException(file + " is no result of JMH: it holds no list");
      }
      for (JsonNode run : runs) {
        try {
          Cell cell = cell(run);
          all.merge(cell.what(), cell, Cell::with);
        } catch (IllegalArgumentException e) {
          throw new IOException(file + " is no result of JMH: " + e.getMessage(), e);
        }
      }
    }
    return new Results(all.values());
  }

  private static Cell cell(JsonNode run) {
    JsonNode metric = run.path("primaryMetric");
    String unit = metric.path("scoreUnit").asText();
    Double nanos = NANOS.get(unit);
    String benchmark = run.path("benchmark").asText();
    if (nanos == null || metric.path("rawData").isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' has no readings in time per operation, but '%s'".formatted(benchmark, unit));
    }
    List<List<Double>> forks = new ArrayList<>();
    for (JsonNode fork : metric.path("rawData")) {
      forks.add(
          Stream.of(JSON.convertValue(fork, double[].class))
              .flatMap(Results::boxed)
              .map(v -> v * nanos)
              .toList());
    }
    JsonNode allocation = run.path("secondaryMetrics").path(ALLOCATION).path("score");
    SortedMap<String, String> params = new TreeMap<>();
    run.path("params").properties().forEach(p -> params.put(p.getKey(), p.getValue().asText()));
    Cell.Id id =
        new Cell.Id(
            benchmark.startsWith(PACKAGE) ? benchmark.substring(PACKAGE.length()) : benchmark,
            params,
            run.path("jdkVersion").asText(),
            run.path("threads").asInt());
    return new Cell(id, forks, allocation.isNumber() ? List.of(allocation.asDouble()) : List.of());
  }

  private static Stream<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed();
  }

  /** The JDKs, oldest first. */
  List<String> jdks() {
    return cells.stream()
        .map(cell -> cell.what().jdk())
        .distinct()
        .sorted(Comparator.comparingInt(Results::feature).thenComparing(jdk -> jdk))
        .toList();
  }

  /** 17 of {@code 17.0.15}. */
  static int feature(String jdk) {
    return Runtime.Version.parse(jdk.replaceAll("[^0-9.].*", "")).feature();
  }

  Stream<Cell> cells() {
    return cells.stream();
  }

  /** The cell of one thread. */
  Optional<Cell> find(String jdk, String benchmark, Map<String, String> params) {
    return find(jdk, benchmark, params, 1);
  }

  /** The cell with at least these parameters. */
  Optional<Cell> find(String jdk, String benchmark, Map<String, String> params, int threads) {
    return cells()
        .filter(cell -> cell.what().jdk().equals(jdk))
        .filter(cell -> cell.what().matches(benchmark, params, threads))
        .findFirst();
  }
}
