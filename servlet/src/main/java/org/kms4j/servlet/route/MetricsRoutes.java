package org.kms4j.servlet.route;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToLongFunction;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Counters;
import org.kms4j.servlet.http.Counters.Count;
import org.kms4j.servlet.http.Page;
import org.kms4j.servlet.http.Reply;

/**
 * What the server has answered so far, as OpenMetrics text 1.0.0.
 *
 * <p>Safe for use by many threads.
 */
public final class MetricsRoutes {
  private static final String TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final int NANO_DIGITS = 9;

  private final Counters counters;

  public MetricsRoutes(Counters counters) {
    this.counters = counters;
  }

  /** Shows all series. */
  public Reply show(Call<StatusRoutes.Nothing> call) {
    List<Count> counts = counters.snapshot();
    StringBuilder text = new StringBuilder();
    family(text, "kms4j_request_seconds", "summary", "Requests and how long they took.");
    samples(text, "kms4j_request_seconds_count", counts, 0, Count::requests);
    samples(text, "kms4j_request_seconds_sum", counts, NANO_DIGITS, Count::nanos);
    family(text, "kms4j_request_max_seconds", "gauge", "How long the longest request took.");
    samples(text, "kms4j_request_max_seconds", counts, NANO_DIGITS, Count::longestNanos);
    text.append("# EOF\n");
    return new Page(TYPE, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void family(StringBuilder text, String name, String type, String help) {
    text.append(
        "# TYPE %1$s %2$s\n# UNIT %1$s seconds\n# HELP %1$s %3$s\n".formatted(name, type, help));
  }

  /** The names of routes hold nothing that a label would have to escape. */
  private static void samples(
      StringBuilder text,
      String name,
      List<Count> counts,
      int digits,
      ToLongFunction<Count> value) {
    for (Count count : counts) {
      text.append(
          "%s{route=\"%s\",status=\"%s\"} %s\n"
              .formatted(
                  name,
                  count.route(),
                  count.statuses(),
                  BigDecimal.valueOf(value.applyAsLong(count), digits).toPlainString()));
    }
  }
}
