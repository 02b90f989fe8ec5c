package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocsTest extends ApiFixture {

  private static HttpResponse<String> get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path)).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    String type = answer.headers().firstValue("content-type").orElseThrow();
    JsonNode body =
        type.startsWith("application/json")
            ? ApiClient.JSON.readTree(answer.body())
            : ApiClient.JSON.missingNode();
    Contract.OURS.check("GET", path, answer.statusCode(), type, body);
    return answer;
  }

  @Test
  void everyPartOfThePageIsServedFromHere() throws Exception {
    HttpResponse<String> page = get("/api/docs");
    assertEquals(
        "text/html;charset=utf-8", page.headers().firstValue("content-type").orElseThrow());
    assertFalse(page.body().contains("http"), page.body());

    Matcher parts = Pattern.compile("(?:src|href)=\"(docs/[^\"]+)\"").matcher(page.body());
    int count = 0;
    while (parts.find()) {
      HttpResponse<String> part = get("/api/" + parts.group(1));
      assertEquals(200, part.statusCode(), parts.group(1));
      String type = part.headers().firstValue("content-type").orElseThrow();
      assertEquals(
          parts.group(1).endsWith(".css")
              ? "text/css;charset=utf-8"
              : "text/javascript;charset=utf-8",
          type);
      count++;
    }
    assertEquals(3, count);
  }

  @Test
  void pageMayLoadFromHereAlone() throws Exception {
    String policy = get("/api/docs").headers().firstValue("content-security-policy").orElseThrow();

    assertTrue(policy.startsWith("default-src 'self';"), policy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openapi.json",
        "docs.html",
        "index.html",
        "..",
        "%2e%2e%2fdocs.js",
        "..%5cdocs.js",
        "swagger-ui.css%00",
        "SWAGGER-UI.css"
      })
  void noOtherFileIsServed(String file) throws Exception {
    int status = get("/api/docs/" + file).statusCode();

    assertTrue(status == 404 || status == 400, () -> file + " is answered " + status);
  }

  @Test
  void settingTakesThemAway(@TempDir Path other) throws Exception {
    Map<String, String> settings = Map.of("kms.http.port", "0", "kms.http.docs", "false");
    try (EmbeddedServer quiet = EmbeddedServer.start(other, settings)) {
      ApiClient client = ApiClient.anonymous(quiet.url());
      for (String path : List.of("/api/docs", "/api/docs/docs.js", "/api/docs/json")) {
        assertEquals(404, client.get(path).status(), path);
      }
    }
  }
}
