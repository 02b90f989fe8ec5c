package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * What is no object of the API: the bytes of a file, or a text, with their type.
 *
 * <p>May be answered many times, by many threads: the bytes are never changed.
 */
public final class Page implements Reply {
  private final String contentType;
  private final byte[] bytes;

  /** Takes the bytes over. */
  public Page(String contentType, byte[] bytes) {
    this.contentType = contentType;
    this.bytes = bytes;
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeBinary(bytes);
  }

  @Override
  public byte[] bytes() {
    return bytes;
  }
}
