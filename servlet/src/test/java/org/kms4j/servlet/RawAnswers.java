package org.kms4j.servlet;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came back on one connection, as HTTP/1.1: more than one answer where a body was taken for
 * the next request.
 *
 * @param all in their order
 */
record RawAnswers(List<RawAnswer> all) {
  /**
   * One answer.
   *
   * @param status its status
   * @param type its content type, without spaces and in small letters
   * @param body its body
   */
  record RawAnswer(int status, String type, String body) {}

  /** Sends what may be no request at all, and gives what comes back. */
  static String exchange(String server, String request) throws IOException {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    return new String(exchange(server, bytes), StandardCharsets.ISO_8859_1);
  }

  static byte[] exchange(String server, byte[] request) throws IOException {
    URI url = URI.create(server);
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
      } catch (IOException e) {
        // It may have answered, and closed, before it was told all.
      }
      return socket.getInputStream().readAllBytes();
    }
  }

  /** Reads to the end; an answer to HEAD has no body whatever its length says. */
  static RawAnswers read(byte[] bytes, boolean head) {
    List<RawAnswer> all = new ArrayList<>();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf("\r\n\r\n", at);
      if (!text.startsWith("HTTP/1.1 ", at) || end < 0) {
        throw new AssertionError("no answer of HTTP at " + at + ": " + text);
      }
      String headers = text.substring(at, end).toLowerCase(Locale.ROOT);
      int status = Integer.parseInt(headers.substring(9, 12));
      at = end + 4;
      if (status == 100) {
        continue;
      }
      String body = "";
      if (!head || !all.isEmpty()) {
        body = body(text.substring(at), headers);
        at += length(text.substring(at), headers);
      }
      String utf8 = new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      all.add(new RawAnswer(status, header(headers, "content-type").replace(" ", ""), utf8));
    }
    return new RawAnswers(all);
  }

  private static boolean chunked(String headers) {
    return header(headers, "transfer-encoding").equals("chunked");
  }

  private static int length(String rest, String headers) {
    if (chunked(headers)) {
      return rest.indexOf("\r\n0\r\n\r\n") + 7;
    }
    String length = header(headers, "content-length");
    return length.isEmpty() ? rest.length() : Integer.parseInt(length);
  }

  private static String body(String rest, String headers) {
    String raw = rest.substring(0, Math.min(rest.length(), length(rest, headers)));
    if (!chunked(headers)) {
      return raw;
    }
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (at < raw.length()) {
      int line = raw.indexOf("\r\n", at);
      int size = Integer.parseInt(raw.substring(at, line), 16);
      body.append(raw, line + 2, line + 2 + size);
      at = line + 2 + size + 2;
    }
    return body.toString();
  }

  private static String header(String headers, String name) {
    for (String line : headers.split("\r\n", -1)) {
      if (line.startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }
}
