package org.kms4j.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which web pages of other origins may call: none, unless they are listed. Source: the Fetch
 * standard, "CORS protocol".
 *
 * <p>Threat: a page that calls with what a browser holds. Tokens travel in a header that no browser
 * adds by itself, so credentials are not allowed to any origin; and an origin is compared whole,
 * never by its end.
 *
 * <p>Safe for use by many threads.
 */
final class Cors {
  private static final String METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";
  private static final String MAX_AGE_SECONDS = "600";

  private final Set<String> origins;

  private Cors(Set<String> origins) {
    this.origins = origins;
  }

  /**
   * For a list of origins, with commas between them.
   *
   * @throws IllegalArgumentException if one is no origin; the message names the setting
   */
  static Cors of(String setting, String list) {
    return new Cors(
        Arrays.stream(list.split(",", -1))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .map(text -> origin(setting, text))
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static String origin(String setting, String text) {
    String origin = text.toLowerCase(Locale.ROOT);
    try {
      URI uri = new URI(origin);
      String whole = uri.getScheme() + "://" + uri.getRawAuthority();
      if (uri.getHost() != null && uri.getRawUserInfo() == null && whole.equals(origin)) {
        return origin;
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "setting " + setting + " has '" + text + "', want origins such as https://kms.example.org");
  }

  /**
   * Tells a listed origin that it may read the answer; answers its question whether it may ask.
   *
   * @return whether that was all that was wanted
   */
  boolean answers(HttpServletRequest request, HttpServletResponse response) {
    if (origins.isEmpty()) {
      return false;
    }
    response.addHeader("vary", "Origin");
    String origin = request.getHeader("Origin");
    if (origin == null || !origins.contains(origin)) {
      return false;
    }
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader(
        "access-control-expose-headers", "x-request-id, retry-after, x-kms-revocation");
    boolean preflight =
        request.getMethod().equals("OPTIONS")
            && request.getHeader("Access-Control-Request-Method") != null;
    if (preflight) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      response.setHeader("access-control-allow-methods", METHODS);
      response.setHeader("access-control-max-age", MAX_AGE_SECONDS);
      String wanted = request.getHeader("Access-Control-Request-Headers");
      if (wanted != null) {
        response.setHeader("access-control-allow-headers", wanted);
      }
    }
    return preflight;
  }
}
