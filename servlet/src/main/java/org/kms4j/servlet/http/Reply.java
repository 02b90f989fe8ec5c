package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** What a handler answers: one JSON object, with status 200. */
@FunctionalInterface
public interface Reply {
  /** Writes the object; called once all that can fail has been done. */
  void write(JsonGenerator json) throws IOException;
}
