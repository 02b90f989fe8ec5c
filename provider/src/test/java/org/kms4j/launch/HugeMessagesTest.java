package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;

/** Lengths near the longest array, in a JVM whose heap has room for the input and no more. */
class HugeMessagesTest {
  private static final String HEAP = "-Xmx4400m";
  private static final long WANTED_KIB = 8L << 20;

  @TempDir private Path home;

  private static long availableKib() throws IOException {
    Path meminfo = Path.of("/proc/meminfo");
    if (!Files.isReadable(meminfo)) {
      return 0;
    }
    return Files.readAllLines(meminfo).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  @Test
  @Conformance("C-37")
  void areRefusedByTypeAndNotByAnOverflow() throws Exception {
    assumeTrue(availableKib() > WANTED_KIB, "skipped: less than 8 GiB of memory are free");
    List<String> whole =
        List.of(
            "size " + Integer.MAX_VALUE,
            "whole IllegalBlockSizeException",
            "into IllegalBlockSizeException",
            "buffer IllegalBlockSizeException");
    List<String> wanted = new ArrayList<>(whole);
    wanted.add("afterwards true");
    wanted.add("open-into ShortBufferException");
    wanted.add("open-buffer ShortBufferException");
    wanted.addAll(whole);
    wanted.add("first 0");
    wanted.add("second ProviderException");
    wanted.add("last IllegalBlockSizeException");

    try (Jvm jvm = Jvm.onClassPath(List.of(HEAP), HugeMessages.class, home.toString())) {
      assertEquals(wanted, jvm.lines());
    }
  }
}
