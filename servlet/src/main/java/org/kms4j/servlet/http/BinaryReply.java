package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * An object of one member, bytes in base64: written into one array of the final size. The bytes are
 * wiped once they were written.
 *
 * <p>For use by one thread.
 */
public final class BinaryReply implements Reply {
  private static final byte[] END = {'"', '}'};

  private final String member;
  private final byte[] value;

  /**
   * Takes the bytes over.
   *
   * @param member a name that needs no escape
   */
  public BinaryReply(String member, byte[] value) {
    this.member = member;
    this.value = value;
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBinaryField(member, value);
    json.writeEndObject();
    Arrays.fill(value, (byte) 0);
  }

  @Override
  public byte[] bytes() {
    byte[] start = ("{\"" + member + "\":\"").getBytes(StandardCharsets.ISO_8859_1);
    byte[] json = new byte[start.length + (value.length + 2) / 3 * 4 + END.length];
    // The encoder begins at the front of an array, and at no other place.
    int length = Base64.getEncoder().encode(value, json);
    Arrays.fill(value, (byte) 0);
    System.arraycopy(json, 0, json, start.length, length);
    System.arraycopy(start, 0, json, 0, start.length);
    System.arraycopy(END, 0, json, start.length + length, END.length);
    return json;
  }
}
