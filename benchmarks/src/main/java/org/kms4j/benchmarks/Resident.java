package org.kms4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How much memory a process has, as Linux tells it. */
final class Resident {
  private Resident() {}

  static long mebibytes(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", String.valueOf(pid), "status"))) {
      String line = lines.filter(l -> l.startsWith("VmRSS")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1_024;
    }
  }
}
