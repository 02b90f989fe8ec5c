package org.kms4j.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kms4j.benchmarks.peer.Peer;

/** The results as Markdown. */
public final class Tables {
  private static final String CIPHER = "CipherBenchmark.";
  private static final String COLD = "ColdStartBenchmark.";
  private static final String END = "\n";

  private final Results results;

  public Tables(Results results) {
    this.results = results;
  }

  /** The project's targets, and which are met on which JDK. */
  public String targets() {
    List<String> jdks = results.jdks();
    StringBuilder text = new StringBuilder("### Targets\n\n");
    text.append("Bars of JDK 17 / JDK 25 where they differ.\n\n| what | bar | stretch |");
    jdks.forEach(jdk -> text.append(" JDK ").append(jdk).append(" | |"));
    text.append("\n|---|---:|---:|").append("---:|---|".repeat(jdks.size())).append(END);
    Targets.all().forEach(target -> text.append(target.row(results, jdks)).append(END));
    return text.append(END).toString();
  }

  /** Every cell. */
  public String all() {
    StringBuilder text = new StringBuilder();
    for (String jdk : results.jdks()) {
      ciphers(jdk).values().forEach(cells -> text.append(ciphers(jdk, cells)));
      text.append(cold(jdk)).append(others(jdk));
    }
    return text.toString();
  }

  /** Those that go into one table: of one operation, number of threads and length of AAD. */
  private Map<String, List<Cell>> ciphers(String jdk) {
    Function<Cell, String> table =
        cell ->
            "%s, %d %s%s"
                .formatted(
                    cell.what().benchmark().substring(CIPHER.length()),
                    cell.what().threads(),
                    cell.what().threads() == 1 ? "thread" : "threads",
                    cell.what().param("aad").equals("0")
                        ? ""
                        : ", AAD of " + cell.what().param("aad") + " B");
    return of(jdk, CIPHER).stream()
        .collect(Collectors.groupingBy(table, TreeMap::new, Collectors.toList()));
  }

  private List<Cell> of(String jdk, String benchmark) {
    return results
        .cells()
        .filter(cell -> cell.what().jdk().equals(jdk))
        .filter(cell -> cell.what().benchmark().startsWith(benchmark))
        .toList();
  }

  private static String ciphers(String jdk, List<Cell> cells) {
    List<Integer> sizes = cells.stream().map(Tables::size).distinct().sorted().toList();
    Cell.Id any = cells.get(0).what();
    StringBuilder text = new StringBuilder("### ");
    text.append(any.benchmark().substring(CIPHER.length())).append(", JDK ").append(jdk);
    text.append(any.threads() == 1 ? "" : ", " + any.threads() + " threads");
    text.append(any.param("aad").equals("0") ? "" : ", AAD of " + any.param("aad") + " B");
    text.append("\n\nns per message, × raw, bytes allocated\n\n| |");
    sizes.forEach(size -> text.append(' ').append(bytes(size)).append(" |"));
    text.append("\n|---|").append("---:|".repeat(sizes.size())).append(END);
    for (Peer peer : Peer.values()) {
      List<Optional<Cell>> row = sizes.stream().map(size -> find(cells, peer, size)).toList();
      if (row.stream().anyMatch(Optional::isPresent)) {
        text.append("| ").append(peer).append(" |");
        for (int i = 0; i < row.size(); i++) {
          Optional<Cell> raw = find(cells, Peer.SUNJCE_RAW, sizes.get(i));
          text.append(' ').append(row.get(i).map(c -> entry(c, raw)).orElse("")).append(" |");
        }
        text.append(END);
      }
    }
    return text.append(END).toString();
  }

  private static Optional<Cell> find(List<Cell> cells, Peer peer, int size) {
    return cells.stream()
        .filter(cell -> cell.what().param("peer").equals(peer.name()) && size(cell) == size)
        .findFirst();
  }

  static int size(Cell cell) {
    return Integer.parseInt(cell.what().param("size"));
  }

  private static String entry(Cell cell, Optional<Cell> raw) {
    List<String> parts = new ArrayList<>();
    parts.add((cell.steady() ? "" : "~") + number(cell.nanos()));
    raw.ifPresent(r -> parts.add("%.2f×".formatted(cell.nanos() / r.nanos())));
    OptionalDouble allocated = cell.bytes();
    if (allocated.isPresent()) {
      parts.add(number(allocated.getAsDouble()) + " B");
    }
    return String.join(", ", parts);
  }

  private String cold(String jdk) {
    List<Cell> cells =
        of(jdk, COLD).stream().sorted(Comparator.comparing(c -> c.what().toString())).toList();
    if (cells.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("### 1 MiB in a fresh JVM, JDK ").append(jdk);
    text.append("\n\nms, median of the forks\n\n");
    text.append("| | peer | pause | 1st | 10th | 100th |\n|---|---|---:|---:|---:|---:|\n");
    for (Cell cell : cells) {
      text.append("| ").append(cell.what().benchmark().substring(COLD.length()));
      text.append(" | ").append(cell.what().param("peer"));
      text.append(" | ").append(cell.what().param("pause")).append(" ms |");
      for (int n : List.of(1, 10, 100)) {
        OptionalDouble nanos = cell.nanosOf(n);
        text.append(' ');
        text.append(nanos.isPresent() ? "%.2f".formatted(nanos.getAsDouble() / 1e6) : "");
        text.append(" |");
      }
      text.append(END);
    }
    return text.append(END).toString();
  }

  private String others(String jdk) {
    List<Cell> cells =
        of(jdk, "").stream()
            .filter(cell -> !cell.what().benchmark().startsWith(CIPHER))
            .filter(cell -> !cell.what().benchmark().startsWith(COLD))
            .toList();
    if (cells.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("### Keyring and IV, JDK ").append(jdk).append("\n\n");
    text.append("| | parameters | threads | ns | bytes |\n|---|---|---:|---:|---:|\n");
    for (Cell cell : cells) {
      String params =
          cell.what().params().entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", "));
      OptionalDouble allocated = cell.bytes();
      text.append(
          "| %s | %s | %d | %s%s | %s |\n"
              .formatted(
                  cell.what().benchmark(),
                  params,
                  cell.what().threads(),
                  cell.steady() ? "" : "~",
                  number(cell.nanos()),
                  allocated.isPresent() ? number(allocated.getAsDouble()) : ""));
    }
    return text.append(END).toString();
  }

  /** 4096 as "4 KiB". */
  static String bytes(int size) {
    if (size >= 1 << 20 && size % (1 << 20) == 0) {
      return (size >> 20) + " MiB";
    }
    return size >= 1 << 10 && size % (1 << 10) == 0 ? (size >> 10) + " KiB" : size + " B";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }
}
