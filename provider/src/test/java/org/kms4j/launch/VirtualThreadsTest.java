package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;

/** Whether a virtual thread ever holds on to its carrier in our code, as JFR saw it. */
class VirtualThreadsTest {
  private static final String EVENT = "jdk.VirtualThreadPinned";

  @TempDir private Path home;

  @Test
  @Conformance("C-51")
  void noneIsPinnedInWarmOperationNorWhereAMissReadsTheStore() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "skipped: this JDK has no virtual threads");
    Path recording = home.resolve("threads.jfr");
    String start = "-XX:StartFlightRecording:" + EVENT + "#threshold=0ms,filename=" + recording;
    List<String> said;
    try (Jvm jvm =
        Jvm.onClassPath(
            List.of(start, "-Xlog:jfr+startup=off"), VirtualThreads.class, home.toString())) {
      said = jvm.lines();
    }

    List<String> pinned = pinned(recording);

    assertTrue(said.stream().anyMatch(line -> line.startsWith("opened ")), said::toString);
    assertTrue(pinned.stream().anyMatch(event -> event.contains("Pins")), "the one on purpose");
    assertEquals(
        List.of(),
        pinned.stream()
            .filter(event -> event.contains("org.kms4j") && !event.contains("Pins"))
            .toList());
  }

  /** The events as the JDK's own tool prints them. */
  private static List<String> pinned(Path recording) throws Exception {
    String jfr = Path.of(System.getProperty("java.home", ""), "bin", "jfr").toString();
    Process printing =
        new ProcessBuilder(
                jfr, "print", "--events", EVENT, "--stack-depth", "64", recording.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(printing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, printing.waitFor(), text);
    return Stream.of(text.split(EVENT, -1)).skip(1).toList();
  }
}
