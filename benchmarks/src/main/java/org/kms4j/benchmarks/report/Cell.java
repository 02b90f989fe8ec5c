package org.kms4j.benchmarks.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * One measured cell: what, on which JDK, by how many threads, and every reading of it.
 *
 * @param what which benchmark, with which parameters, on which JDK
 * @param forks the readings of each fork in order, in nanoseconds per operation
 * @param allocated the bytes per operation of each run that measured them
 */
record Cell(Id what, List<List<Double>> forks, List<Double> allocated) {
  /** A reading this far from the middle, as a part of it, makes the cell unsteady. */
  private static final double STEADY = 0.15;

  /**
   * What was measured.
   *
   * @param benchmark class and method, {@code CipherBenchmark.encrypt}
   * @param jdk the full version of the JDK
   */
  record Id(String benchmark, SortedMap<String, String> params, String jdk, int threads) {
    Id {
      params = new TreeMap<>(params);
    }

    boolean matches(String wanted, Map<String, String> some, int wantedThreads) {
      return benchmark.equals(wanted)
          && threads == wantedThreads
          && params.entrySet().containsAll(some.entrySet());
    }

    /** The parameter, empty if the benchmark has none of this name. */
    String param(String name) {
      return params.getOrDefault(name, "");
    }
  }

  /** The readings of two runs of one thing. */
  Cell with(Cell other) {
    return new Cell(what, joined(forks, other.forks), joined(allocated, other.allocated));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  /** The median of all readings: one that another process disturbed does not move it. */
  double nanos() {
    return median(readings().toArray());
  }

  /** The median over the forks of reading {@code n}, from 1; empty if no fork has so many. */
  OptionalDouble nanosOf(int n) {
    double[] values =
        forks.stream().filter(f -> f.size() >= n).mapToDouble(f -> f.get(n - 1)).toArray();
    return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(values));
  }

  OptionalDouble bytes() {
    double[] values = allocated.stream().mapToDouble(Double::doubleValue).toArray();
    return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(values));
  }

  /** Whether the middle half of the readings lies close together. */
  boolean steady() {
    double[] sorted = readings().sorted().toArray();
    double low = sorted[sorted.length / 4];
    double high = sorted[sorted.length - 1 - sorted.length / 4];
    return high - low <= 2 * STEADY * nanos();
  }

  private DoubleStream readings() {
    return forks.stream().flatMap(List::stream).mapToDouble(Double::doubleValue);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
