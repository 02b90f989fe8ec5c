package org.kms4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Over what JMH wrote in a very short run on a busy machine: real in its form, worth nothing as
 * figures.
 */
class ReportTest {
  @TempDir Path folder;

  @BeforeAll
  static void withoutAScreen() {
    System.setProperty("java.awt.headless", "true");
  }

  private Path recorded() throws IOException {
    Path file = folder.resolve("recorded.json");
    try (InputStream in = ReportTest.class.getResourceAsStream("recorded.json")) {
      assertNotNull(in);
      Files.copy(in, file);
    }
    return file;
  }

  @Test
  void thePageHoldsARowForEachPeerWithItsRatioToRaw() throws Exception {
    Report.write(List.of(recorded()), folder);

    String page = Files.readString(folder.resolve("report.md"));
    assertTrue(page.contains("### encrypt, JDK 17."), page);
    assertTrue(page.contains("### encrypt, JDK 25."), page);
    assertTrue(page.contains("| | 16 B | 256 B |"), page);
    for (String peer : List.of("KMS_AES_REUSED", "SUNJCE_RAW", "TINK_AES")) {
      assertEquals(2, page.lines().filter(line -> line.startsWith("| " + peer + " |")).count());
    }
    assertTrue(
        page.lines()
            .filter(line -> line.startsWith("| SUNJCE_RAW |"))
            .allMatch(line -> line.split("1\\.00×", -1).length == 3),
        "raw over raw is 1, at both sizes");
  }

  @Test
  void aTargetIsJudgedWhereItWasMeasuredAndElseSaidNotToBe() throws Exception {
    String targets = Report.write(List.of(recorded()), folder);

    String measured = row(targets, "| encrypt 256 B, one Cipher reused, over raw |");
    assertFalse(measured.contains("not measured"), measured);
    String missing = row(targets, "| decrypt 256 B, one Cipher reused, over raw |");
    assertEquals(3, missing.split("not measured", -1).length, missing);
  }

  private static String row(String table, String head) {
    return table.lines().filter(line -> line.startsWith(head)).findFirst().orElseThrow();
  }

  @Test
  void theChartsAreReadablePictures() throws Exception {
    Report.write(List.of(recorded()), folder);

    try (Stream<Path> files = Files.list(folder)) {
      List<Path> charts = files.filter(file -> file.toString().endsWith(".png")).toList();
      assertEquals(4, charts.size(), "peers, sizes on two JDKs, cold start: " + charts);
      for (Path chart : charts) {
        BufferedImage image = ImageIO.read(chart.toFile());
        assertTrue(image.getWidth() >= 800 && image.getHeight() >= 400, chart.toString());
        assertTrue(colours(image) > 8, chart + " is empty");
        assertTrue(Files.size(chart) < 60_000, chart + " has " + Files.size(chart) + " bytes");
      }
    }
  }

  private static long colours(BufferedImage image) {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(pixels).distinct().count();
  }

  @Test
  void theSameCellInTwoFilesIsOneCell() throws Exception {
    Path once = recorded();
    String alone = Report.write(List.of(once), folder);
    Path twice = Files.copy(once, folder.resolve("again.json"));

    assertEquals(alone, Report.write(List.of(once, twice), folder));
  }

  @Test
  void aFileThatIsNoResultIsNamed() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong.json"), "{}");

    IOException refused =
        assertThrows(IOException.class, () -> Report.write(List.of(wrong), folder));

    assertTrue(refused.toString().contains("wrong.json"), refused.toString());
  }
}
