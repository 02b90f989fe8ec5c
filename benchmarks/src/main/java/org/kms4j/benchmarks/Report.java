package org.kms4j.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.kms4j.benchmarks.report.Charts;
import org.kms4j.benchmarks.report.Results;
import org.kms4j.benchmarks.report.Tables;

/**
 * JMH's JSON as a Markdown page with charts: {@code report.md} and PNG files. Prints which of the
 * project's targets are met.
 *
 * <p>{@code java -cp benchmarks/target/benchmarks.jar org.kms4j.benchmarks.Report [--to FOLDER]
 * results/*.json}. Without a folder the page goes beside the first file. What a file {@code
 * run.properties} beside the first one says of commit, machine and date is told at the head.
 */
public final class Report {
  private static final String TO = "--to";

  private Report() {}

  /** Ends with status 2 if it is called wrongly. */
  public static void main(String[] args) throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<String> rest = new ArrayList<>(Arrays.asList(args));
    Path folder = null;
    if (rest.size() >= 2 && rest.get(0).equals(TO)) {
      folder = Path.of(rest.get(1));
      rest = rest.subList(2, rest.size());
    }
    if (rest.isEmpty()) {
      System.err.println("usage: Report [--to FOLDER] RESULT.json...");
      System.exit(2);
      return;
    }
    List<Path> files = rest.stream().map(Path::of).toList();
    Path beside = files.get(0).toAbsolutePath().resolveSibling("");
    System.out.println(write(files, folder == null ? beside : folder));
  }

  /** Writes page and charts into a folder; gives the targets as text. */
  static String write(List<Path> files, Path folder) throws IOException {
    Results results = Results.read(files);
    Tables tables = new Tables(results);
    String targets = tables.targets();
    String charts =
        Charts.write(results, folder).stream()
            .map(Path::getFileName)
            .map(name -> "![" + name + "](" + name + ")\n")
            .collect(Collectors.joining("\n"));
    String head = head(files.get(0).toAbsolutePath().resolveSibling("run.properties"));
    Files.writeString(
        folder.resolve("report.md"),
        head + "\n" + targets + charts + "\n" + tables.all(),
        StandardCharsets.UTF_8);
    return targets;
  }

  private static String head(Path file) throws IOException {
    String steady =
        "Each figure is the median of all readings of its cell; `~`: they lie far apart, do not"
            + " compare it.\n";
    if (!Files.exists(file)) {
      return steady;
    }
    Properties run = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      run.load(reader);
    }
    return run.stringPropertyNames().stream()
            .sorted()
            .map(name -> "- " + name + ": " + run.getProperty(name) + "\n")
            .collect(Collectors.joining())
        + "\n"
        + steady;
  }
}
