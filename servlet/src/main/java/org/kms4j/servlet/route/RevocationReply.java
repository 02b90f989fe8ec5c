package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;
import org.kms4j.servlet.http.Reply;

/**
 * An answer that tells in a header whether no server acts on what the key was before: {@code
 * confirmed}, or {@code pending} for as long as a lease ({@code kms.lease}).
 *
 * @param key the body
 */
record RevocationReply(Reply key, boolean confirmed) implements Reply {
  @Override
  public void write(JsonGenerator json) throws IOException {
    key.write(json);
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("x-kms-revocation", confirmed ? "confirmed" : "pending");
  }
}
