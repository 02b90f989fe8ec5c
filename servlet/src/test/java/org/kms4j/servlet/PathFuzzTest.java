package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.UrlText;

/**
 * Asks for arbitrary paths with arbitrary queries: each leads to the route that its segments spell,
 * or is refused; what was percent-encoded is what the JDK decodes.
 */
class PathFuzzTest {
  private static final List<String> METHODS =
      List.of("GET", "POST", "PATCH", "DELETE", "HEAD", "PUT", "OPTIONS");
  private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
  private static Server server;

  @BeforeAll
  static void open(@TempDir Path home) {
    server = Server.open(ServerConfig.load(home, Map.of()), "http://here", Clock.systemUTC());
  }

  @AfterAll
  static void close() {
    server.close();
  }

  /** Format: method(1) ‖ path ‖ "?" ‖ query. */
  @FuzzTest
  void leadsToWhatItSpellsOrIsRefused(byte[] data) {
    String method = METHODS.get(data.length == 0 ? 0 : (data[0] & 0xff) % METHODS.size());
    int length = Math.max(0, data.length - 1);
    String target = new String(data, data.length - length, length, StandardCharsets.UTF_8);
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);

    find(method, path);
    if (mark >= 0) {
      query(target.substring(mark + 1));
    }
  }

  private static void find(String method, String path) {
    try {
      Routes.Match match = server.routes().find(method, path);

      assertEquals(method.equals("HEAD") ? "GET" : method, match.route().method());
      String[] wanted = match.route().path().split("/", 0);
      String[] given = path.split("/", 0);
      assertEquals(wanted.length, given.length);
      for (int i = 0; i < wanted.length; i++) {
        if (wanted[i].startsWith("{")) {
          String name = wanted[i].substring(1, wanted[i].length() - 1);
          assertEquals(
              decoded(given[i].replace("+", "%2B")), match.pathParams().get(name).textValue());
        } else {
          assertEquals(wanted[i], given[i]);
        }
      }
    } catch (RefusedException e) {
      boolean unknown = e.kind() == RefusedException.Kind.NO_ROUTE;
      assertTrue(unknown || isBroken(path), String.valueOf(e.getMessage()));
      if (!unknown) {
        assertEquals("Malformed URL encoding in path", e.getMessage());
      }
    }
  }

  private static void query(String query) {
    try {
      ObjectNode pairs = UrlText.query(query);

      List<String> given = new ArrayList<>();
      for (String pair : query.split("&", -1)) {
        if (!pair.isEmpty()) {
          String[] parts = pair.split("=", 2);
          given.add(decoded(parts[0]) + "=" + (parts.length < 2 ? "" : decoded(parts[1])));
        }
      }
      List<String> found = new ArrayList<>();
      for (Map.Entry<String, JsonNode> pair : pairs.properties()) {
        if (pair.getValue().isArray()) {
          pair.getValue().forEach(v -> found.add(pair.getKey() + "=" + v.textValue()));
        } else {
          found.add(pair.getKey() + "=" + pair.getValue().textValue());
        }
      }
      assertEquals(given.stream().sorted().toList(), found.stream().sorted().toList());
    } catch (RefusedException e) {
      assertEquals("Malformed URL encoding in query parameters", e.getMessage());
      assertTrue(isBroken(query), query);
    }
  }

  /** As the JDK decodes it, which guesses at what is broken. */
  private static String decoded(String text) {
    assertTrue(!BROKEN_ESCAPE.matcher(text).find(), text);
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Whether an escape is cut short, or is of no digits, or what it stands for is no UTF-8. */
  private static boolean isBroken(String text) {
    return BROKEN_ESCAPE.matcher(text).find()
        || URLDecoder.decode(text, StandardCharsets.UTF_8).indexOf('\ufffd') >= 0;
  }
}
