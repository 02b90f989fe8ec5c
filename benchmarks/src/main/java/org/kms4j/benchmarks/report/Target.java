package org.kms4j.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A ratio or a number of bytes that this project has promised itself, and what is reached.
 *
 * @param what what is compared with what
 * @param old what is promised on JDK 17
 * @param recent what is promised on JDK 25
 * @param measure what was measured on one JDK; empty if it was not
 */
record Target(String what, Bars old, Bars recent, Measure measure) {
  private static final int RECENT = 25;

  /** Takes the figure out of the cells of one JDK. */
  @FunctionalInterface
  interface Measure {
    OptionalDouble of(Results results, String jdk);
  }

  /** What must be reached, and what is near the edge of what is possible; NaN if there is none. */
  record Bars(boolean atMost, double bar, double stretch) {
    static Bars atMost(double bar, double stretch) {
      return new Bars(true, bar, stretch);
    }

    static Bars atLeast(double bar, double stretch) {
      return new Bars(false, bar, stretch);
    }

    private boolean reached(double limit, double measured) {
      return atMost ? measured <= limit : measured >= limit;
    }

    private String verdict(double measured) {
      if (reached(stretch, measured)) {
        return "stretch";
      }
      return reached(bar, measured) ? "met" : "**not met**";
    }

    /** The limit on each JDK; once if they are the same, empty if there is none. */
    private static String text(boolean atMost, double old, double recent) {
      if (Double.isNaN(old)) {
        return "";
      }
      String both = old == recent ? number(old) : number(old) + " / " + number(recent);
      return (atMost ? "≤ " : "≥ ") + both;
    }
  }

  /** The row of a table: what, bar, stretch, and for each JDK what is measured and which is met. */
  String row(Results results, List<String> jdks) {
    StringBuilder row = new StringBuilder("| ").append(what);
    row.append(" | ").append(Bars.text(old.atMost, old.bar, recent.bar));
    row.append(" | ").append(Bars.text(old.atMost, old.stretch, recent.stretch));
    for (String jdk : jdks) {
      Bars bars = Results.feature(jdk) >= RECENT ? recent : old;
      OptionalDouble measured = measure.of(results, jdk);
      row.append(" | ");
      if (measured.isPresent()) {
        double value = measured.getAsDouble();
        row.append(number(value)).append(" | ").append(bars.verdict(value));
      } else {
        row.append("| not measured");
      }
    }
    return row.append(" |").toString();
  }

  private static String number(double value) {
    String format = Math.abs(value) >= 10 ? "%.0f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}
