package org.kms4j.servlet.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.servlet.auth.Caller;

/**
 * One request and its answer.
 *
 * <p>Threat: a log that gives away what it guards, or that a caller writes into. There is no place
 * here for a body, a message, a path, a header or a key's name; and of what stands here, quotes,
 * control characters and all that is no ASCII are escaped.
 *
 * <p>Immutable.
 *
 * @param time when the request came
 * @param requestId the {@code reqId} of the answer
 * @param remote the address that the request came from
 * @param route method and path of the API, its variable segments in braces; {@link #NONE} where no
 *     route fits
 * @param caller who has shown a good access token
 * @param project the project it is about
 * @param keys the keys that it names, was about, or made
 * @param others what else it is about: an id by its name in the API
 * @param status the answer's
 * @param error the name of the failure, or {@link #NONE}
 */
public record AuditEvent(
    Instant time,
    String requestId,
    String remote,
    String route,
    Optional<Caller> caller,
    Optional<String> project,
    List<Key> keys,
    Map<String, UUID> others,
    int status,
    String error) {
  /** Stands for what there is not. */
  public static final String NONE = "-";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          // The default keeps buffers in the container's threads, which outlive this application.
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .build();

  public AuditEvent {
    keys = List.copyOf(keys);
    others = Map.copyOf(others);
  }

  /**
   * A key.
   *
   * @param id its id
   * @param version its newest version as the request was admitted, or the one that the request
   *     made; {@link #UNKNOWN} where no such key was found
   */
  public record Key(UUID id, int version) {
    /** The version of a key that was not found. */
    public static final int UNKNOWN = 0;
  }

  /** A line of JSON in ASCII, with its end; what there is not is left out. */
  byte[] line() {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 9);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      write(json);
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new AssertionError("it is in memory", e);
    }
    return line.toByteArray();
  }

  private void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("time", time.toString());
    json.writeStringField("reqId", requestId);
    json.writeStringField("remote", remote);
    json.writeStringField("route", route);
    if (caller.isPresent()) {
      json.writeStringField("identityId", caller.get().identityId().toString());
      json.writeStringField("identityName", caller.get().identityName());
      json.writeStringField("accessTokenId", caller.get().accessTokenId().toString());
    }
    if (project.isPresent()) {
      json.writeStringField("projectId", project.get());
    }
    if (!keys.isEmpty()) {
      writeKeys(json);
    }
    if (!others.isEmpty()) {
      json.writeObjectFieldStart("of");
      for (Map.Entry<String, UUID> other : others.entrySet()) {
        json.writeStringField(other.getKey(), other.getValue().toString());
      }
      json.writeEndObject();
    }
    json.writeNumberField("status", status);
    json.writeStringField("error", error);
    json.writeEndObject();
  }

  private void writeKeys(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("keys");
    for (Key key : keys) {
      json.writeStartObject();
      json.writeStringField("id", key.id().toString());
      if (key.version() != Key.UNKNOWN) {
        json.writeNumberField("version", key.version());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
