package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorsTest {
  private static final String ORIGIN = "https://console.example.org";

  @TempDir static Path home;
  static EmbeddedServer server;

  @BeforeAll
  static void start() {
    server =
        EmbeddedServer.start(
            home,
            Map.of(
                "kms.http.port",
                "0",
                "kms.http.allowedOrigins",
                "http://localhost:3000, " + ORIGIN));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String ask(String method, String headers) throws Exception {
    String request = method + " /api/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    return RawAnswers.exchange(server.url(), request + headers + "\r\n").toLowerCase(Locale.ROOT);
  }

  @Test
  void aListedOriginMayAskAndRead() throws Exception {
    String preflight =
        ask(
            "OPTIONS",
            "Origin: "
                + ORIGIN
                + "\r\nAccess-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization, content-type\r\n");
    assertTrue(preflight.startsWith("http/1.1 204"), preflight);
    assertTrue(preflight.contains("access-control-allow-origin: " + ORIGIN), preflight);
    assertTrue(
        preflight.contains("access-control-allow-methods: get,head,put,patch,post,delete"),
        preflight);
    assertTrue(
        preflight.contains("access-control-allow-headers: authorization, content-type"), preflight);

    assertTrue(preflight.contains("cache-control: no-store"), preflight);
    assertTrue(preflight.contains("x-content-type-options: nosniff"), preflight);

    String answer = ask("GET", "Origin: http://localhost:3000\r\n");
    assertTrue(answer.startsWith("http/1.1 200"), answer);
    assertTrue(answer.contains("access-control-allow-origin: http://localhost:3000"), answer);
    assertTrue(answer.contains("vary: origin"), answer);
    assertFalse(answer.contains("access-control-allow-credentials"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "https://console.example.org.evil.example",
        "http://console.example.org",
        "null",
        "https://CONSOLE.example.org"
      })
  void anotherOriginIsToldNothing(String origin) throws Exception {
    String preflight =
        ask("OPTIONS", "Origin: " + origin + "\r\nAccess-Control-Request-Method: POST\r\n");

    assertTrue(preflight.startsWith("http/1.1 404"), preflight);
    assertFalse(preflight.contains("access-control-allow"), preflight);
  }

  @Test
  void optionsOfNobodyIsNoRoute() throws Exception {
    assertTrue(ask("OPTIONS", "").startsWith("http/1.1 404"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*", "example.org", "https://example.org/", "https://a@example.org", "x y"})
  void whatIsNoOriginStopsTheStart(String origin) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Cors.of("kms.http.allowedOrigins", origin));

    assertEquals(
        "setting kms.http.allowedOrigins has '"
            + origin
            + "', want origins such as https://kms.example.org",
        e.getMessage());
  }
}
