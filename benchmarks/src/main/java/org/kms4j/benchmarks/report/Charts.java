package org.kms4j.benchmarks.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.kms4j.benchmarks.peer.Peer;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/**
 * The results as PNG files: every peer at 256 B, the cost by size, the first messages of a fresh
 * JVM. A chart for which nothing was measured is not made.
 */
public final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;
  private static final int BAR_SIZE = 256;
  private static final String WHOLE = "#,###";
  private static final String NANOS = "ns per message (log scale)";

  /** Apart from one another also for those who see colours otherwise (Okabe and Ito). */
  private static final Color[] COLOURS = {
    new Color(0x00, 0x72, 0xB2), new Color(0xE6, 0x9F, 0x00), new Color(0x00, 0x9E, 0x73),
    new Color(0xCC, 0x79, 0xA7), new Color(0x56, 0xB4, 0xE9), new Color(0xD5, 0x5E, 0x00),
    new Color(0x66, 0x66, 0x66), new Color(0xF0, 0xE4, 0x42)
  };

  private final Results results;
  private final Path folder;
  private final List<Path> written = new ArrayList<>();

  private Charts(Results results, Path folder) {
    this.results = results;
    this.folder = folder;
  }

  /** Writes them into a folder, which is made if need be, and names the files. */
  public static List<Path> write(Results results, Path folder) throws IOException {
    Files.createDirectories(folder);
    Charts charts = new Charts(results, folder);
    for (String way : List.of("encrypt", "decrypt")) {
      charts.peers(way);
      charts.sizes(way);
    }
    charts.cold();
    return charts.written;
  }

  private void peers(String way) throws IOException {
    // XChart draws no gap on a logarithmic axis, so a peer must have been measured on every JDK.
    List<Peer> peers =
        Arrays.stream(Peer.values())
            .filter(peer -> results.jdks().stream().allMatch(j -> nanos(j, way, peer).isPresent()))
            .toList();
    if (peers.isEmpty()) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("%s %s, one thread: each peer".formatted(way, Tables.bytes(BAR_SIZE)))
            .yAxisTitle(NANOS)
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLabelRotation(90);
    chart.getStyler().setXAxisLabelAlignmentVertical(AxesChartStyler.TextAlignment.Right);
    chart.getStyler().setXAxisMaxLabelCount(peers.size());
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisDecimalPattern(WHOLE);
    for (String jdk : results.jdks()) {
      List<Double> nanos = peers.stream().map(p -> nanos(jdk, way, p).orElseThrow()).toList();
      chart.addSeries("JDK " + jdk, peers.stream().map(Peer::name).toList(), nanos);
    }
    beginAtPowerOfTen(chart);
    save(chart, "peers-" + way);
  }

  private void sizes(String way) throws IOException {
    for (String jdk : results.jdks()) {
      XYChart chart =
          new XYChartBuilder()
              .width(WIDTH)
              .height(HEIGHT)
              .title("%s by size, one thread, JDK %s".formatted(way, jdk))
              .xAxisTitle("bytes of plaintext (log scale)")
              .yAxisTitle(NANOS)
              .build();
      style(chart.getStyler());
      chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
      chart.getStyler().setLegendLayout(Styler.LegendLayout.Vertical);
      chart.getStyler().setXAxisLogarithmic(true);
      chart.getStyler().setXAxisDecimalPattern(WHOLE);
      chart.getStyler().setYAxisDecimalPattern(WHOLE);
      chart.getStyler().setYAxisLogarithmic(true);
      for (Peer peer : Peer.values()) {
        List<Cell> cells =
            results
                .cells()
                .filter(c -> c.what().jdk().equals(jdk))
                .filter(c -> c.what().matches("CipherBenchmark." + way, of(peer), 1))
                .sorted(Comparator.comparingInt(Tables::size))
                .toList();
        if (cells.size() > 1) {
          List<Integer> sizes = cells.stream().map(Tables::size).toList();
          chart.addSeries(peer.name(), sizes, cells.stream().map(Cell::nanos).toList());
        }
      }
      if (!chart.getSeriesCollection().isEmpty()) {
        save(chart, "sizes-" + way + "-jdk" + Results.feature(jdk));
      }
    }
  }

  private void cold() throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Sealing 1 MiB in a fresh JVM, two seconds after start")
            .yAxisTitle("ms per message (log scale)")
            .build();
    style(chart.getStyler());
    chart.getStyler().setYAxisLogarithmic(true);
    for (String jdk : results.jdks()) {
      results
          .cells()
          .filter(c -> c.what().jdk().equals(jdk))
          .filter(c -> c.what().matches("ColdStartBenchmark.seal", Map.of("pause", "2000"), 1))
          .filter(c -> c.nanosOf(100).isPresent())
          .forEach(
              c ->
                  chart.addSeries(
                      c.what().param("peer") + ", JDK " + Results.feature(jdk),
                      List.of("1st", "10th", "100th"),
                      List.of(millis(c, 1), millis(c, 10), millis(c, 100))));
    }
    if (!chart.getSeriesCollection().isEmpty()) {
      beginAtPowerOfTen(chart);
      save(chart, "cold-seal");
    }
  }

  /** Bars begin at zero unless told otherwise, which a logarithmic axis has not. */
  private static void beginAtPowerOfTen(CategoryChart chart) {
    double least =
        chart.getSeriesCollection().stream()
            .flatMapToDouble(series -> Arrays.stream(series.getYData()))
            .min()
            .orElse(1);
    chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
  }

  private static double millis(Cell cell, int n) {
    return cell.nanosOf(n).orElseThrow() / 1e6;
  }

  private Optional<Double> nanos(String jdk, String way, Peer peer) {
    Map<String, String> params =
        Map.of("peer", peer.name(), "size", Integer.toString(BAR_SIZE), "aad", "0");
    return results.find(jdk, "CipherBenchmark." + way, params).map(Cell::nanos);
  }

  private static Map<String, String> of(Peer peer) {
    return Map.of("peer", peer.name(), "aad", "0");
  }

  private static void style(AxesChartStyler styler) {
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setSeriesColors(COLOURS);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setBaseFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
  }

  private void save(IChart chart, String name) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      chart.paint(graphics, WIDTH, HEIGHT);
    } finally {
      graphics.dispose();
    }
    Path file = folder.resolve(name + ".png");
    ImageIO.write(image, "png", file.toFile());
    written.add(file);
  }
}
