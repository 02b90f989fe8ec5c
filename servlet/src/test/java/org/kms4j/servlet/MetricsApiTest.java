package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.auth.Role;

/** What was answered, as a collector of metrics reads it. */
class MetricsApiTest extends ApiFixture {
  private static final String METRICS = "/api/metrics";
  private static final String ENCRYPT = "POST /api/v1/kms/keys/{keyId}/encrypt";

  /** As the ABNF of OpenMetrics 1.0.0 has it, with our two labels alone. */
  private static final Pattern SAMPLE =
      Pattern.compile("(\\w+)\\{route=\"([^\"\\\\]+)\",status=\"([1-5]xx)\"} ([0-9]+(\\.[0-9]+)?)");

  private static HttpResponse<String> read() throws Exception {
    return HttpClient.newHttpClient()
        .send(admin.request(METRICS).GET().build(), BodyHandlers.ofString());
  }

  private static Map<String, Double> samples() throws Exception {
    Map<String, Double> samples = new TreeMap<>();
    for (String line : read().body().split("\n", -1)) {
      Matcher sample = SAMPLE.matcher(line);
      if (sample.matches()) {
        String name = sample.group(1) + " " + sample.group(2) + " " + sample.group(3);
        samples.put(name, Double.valueOf(sample.group(4)));
      }
    }
    return samples;
  }

  private static long requests(Map<String, Double> samples, String route, String statuses) {
    String name = "kms4j_request_seconds_count " + route + " " + statuses;
    return samples.getOrDefault(name, 0.0).longValue();
  }

  @Test
  void everyAnswerIsCountedByItsRouteAndKind() throws Exception {
    String key = newKey();
    Map<String, Double> before = samples();

    for (int i = 0; i < 3; i++) {
      admin.encrypt(key, TEXT).ok();
    }
    admin.encrypt(UNKNOWN, TEXT);
    admin.encrypt(key, new byte[0]);
    admin.get("/api/nowhere/" + UNKNOWN);
    admin.get("/api/status");

    Map<String, Double> after = samples();
    assertEquals(3, requests(after, ENCRYPT, "2xx") - requests(before, ENCRYPT, "2xx"));
    assertEquals(2, requests(after, ENCRYPT, "4xx") - requests(before, ENCRYPT, "4xx"));
    assertEquals(1, requests(after, "-", "4xx") - requests(before, "-", "4xx"));
    String status = "GET /api/status";
    assertEquals(1, requests(after, status, "2xx") - requests(before, status, "2xx"));
    String series = ENCRYPT + " 2xx";
    double sum = after.getOrDefault("kms4j_request_seconds_sum " + series, 0.0);
    double longest = after.getOrDefault("kms4j_request_max_seconds " + series, 0.0);
    assertTrue(longest > 0 && longest <= sum && sum < 60, longest + " of " + sum);
  }

  @Test
  void theTextIsOpenMetrics() throws Exception {
    admin.get("/api/nowhere");

    HttpResponse<String> answer = read();

    assertEquals(200, answer.statusCode());
    assertEquals(
        Optional.of("application/openmetrics-text;version=1.0.0;charset=utf-8"),
        answer.headers().firstValue("content-type").map(type -> type.replace(" ", "")));
    assertTrue(answer.body().endsWith("\n# EOF\n"));
    List<String> lines = List.of(answer.body().split("\n", 0));
    for (String line : lines.subList(0, lines.size() - 1)) {
      assertTrue(
          SAMPLE.matcher(line).matches()
              || line.matches("# (TYPE|UNIT|HELP) kms4j_request_(max_)?seconds [\\w .]+"),
          line);
    }
    assertEquals(lines.indexOf("# EOF"), lines.size() - 1);
  }

  @Test
  void theTextNamesNeitherKeysNorCallers() throws Exception {
    String key = newKey();
    admin.encrypt(key, TEXT);
    admin.get("/api/secretpath");

    String text = read().body();

    assertFalse(text.contains(key) || text.contains("secretpath") || text.contains(PROJECT));
  }

  @Test
  void onlyAnAdminOfTheOrganisationMayRead() throws Exception {
    ApiClient.anonymous(server.url()).get(METRICS).is(401, "UnauthorizedError", "Token missing");
    robot(Optional.of(Role.ADMIN))
        .get(METRICS)
        .is(403, "PermissionDenied", "You are not allowed to read on metrics");
  }

  @Test
  void thereIsNoSuchRouteUnlessItIsAskedFor(@TempDir Path other) throws Exception {
    try (EmbeddedServer plain = EmbeddedServer.start(other, Map.of("kms.http.port", "0"))) {
      assertEquals(404, ApiClient.admin(plain.url(), other).get(METRICS).status());
    }
  }
}
