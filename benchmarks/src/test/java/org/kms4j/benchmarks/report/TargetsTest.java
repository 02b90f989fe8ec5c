package org.kms4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over numbers that were made up for their round ratios. */
class TargetsTest {
  @TempDir Path folder;

  private static String cell(String jdk, String benchmark, String params, int threads, String raw) {
    return """
        {"benchmark": "org.kms4j.benchmarks.%s", "jdkVersion": "%s", "threads": %d,
         "params": {%s}, "primaryMetric": {"scoreUnit": "ns/op", "rawData": [%s]}}
        """
        .formatted(benchmark, jdk, threads, params, raw);
  }

  private static String cipher(String peer, int size, int threads, double nanos) {
    String params = "\"peer\": \"%s\", \"size\": \"%d\", \"aad\": \"0\"".formatted(peer, size);
    return cell("17.0.1", "CipherBenchmark.encrypt", params, threads, "[" + nanos + "]");
  }

  private String targets(String... cells) throws Exception {
    Path file = folder.resolve("results.json");
    Files.writeString(file, Stream.of(cells).collect(Collectors.joining(",", "[", "]")));
    return new Tables(Results.read(List.of(file))).targets();
  }

  private static String row(String table, String head) {
    return table.lines().filter(line -> line.startsWith("| " + head)).findFirst().orElseThrow();
  }

  @Test
  void aTimeOverRawIsHeldAgainstBarAndStretch() throws Exception {
    String head = "encrypt 256 B, one Cipher reused, over raw";

    for (List<?> expected :
        List.of(List.of(104.0, "stretch"), List.of(114.0, "met"), List.of(116.0, "**not met**"))) {
      double ours = (double) expected.get(0);
      String row =
          row(
              targets(cipher("SUNJCE_RAW", 256, 1, 100), cipher("KMS_AES_REUSED", 256, 1, ours)),
              head);
      assertTrue(row.endsWith("| " + expected.get(1) + " |"), row);
    }
  }

  @Test
  void twoThreadsAreCountedByThroughput() throws Exception {
    String row =
        row(
            targets(cipher("KMS_AES_REUSED", 16, 1, 100), cipher("KMS_AES_REUSED", 16, 2, 105.26)),
            "encrypt 16 B, throughput of two threads");

    assertTrue(row.contains("| 1.90 | met |"), row);
  }

  @Test
  void theFirstLargeMessageIsTheFirstReadingOfEachFork() throws Exception {
    String sunJce = "\"peer\": \"SUNJCE_RAW\", \"pause\": \"2000\"";
    String ours = "\"peer\": \"KMS_AES_REUSED\", \"pause\": \"2000\"";
    String row =
        row(
            targets(
                cell("25.0.1", "ColdStartBenchmark.seal", sunJce, 1, "[80, 20], [82, 20], [90, 1]"),
                cell("25.0.1", "ColdStartBenchmark.seal", ours, 1, "[2, 20], [3, 20], [2, 1]")),
            "encrypt, first 1 MiB in a fresh JVM 2,000 ms");

    assertTrue(row.contains("| 41 | stretch |"), row);
  }

  @Test
  void aCellIsItsMedianAndUnsteadyIfItsReadingsLieApart() throws Exception {
    Path file = folder.resolve("results.json");
    Files.writeString(
        file,
        "["
            + cell("17.0.1", "A.a", "", 1, "[100, 101, 5000, 99], [100]")
            + ","
            + cell("17.0.1", "A.b", "", 1, "[100, 300, 500, 700]")
            + "]");

    Results results = Results.read(List.of(file));

    Cell disturbed = results.find("17.0.1", "A.a", Map.of()).orElseThrow();
    assertEquals(100, disturbed.nanos());
    assertTrue(disturbed.steady());
    assertFalse(results.find("17.0.1", "A.b", Map.of()).orElseThrow().steady());
  }
}
