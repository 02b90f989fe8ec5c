package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/** What a handler answers: one JSON object, with status 200. */
@FunctionalInterface
public interface Reply {
  /** Writes the object; called once all that can fail has been done. */
  void write(JsonGenerator json) throws IOException;

  /** What {@link #bytes} are. */
  default String contentType() {
    return "application/json; charset=utf-8";
  }

  /** What is said in the head of the answer besides. */
  default Map<String, String> headers() {
    return Map.of();
  }

  /** The object in UTF-8; called once. */
  default byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 10);
    try (JsonGenerator json = Json.generator(bytes)) {
      write(json);
    }
    return bytes.toByteArray();
  }
}
