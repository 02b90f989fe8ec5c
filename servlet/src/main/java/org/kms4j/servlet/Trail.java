package org.kms4j.servlet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.audit.AuditEvent;
import org.kms4j.servlet.audit.AuditLog;
import org.kms4j.servlet.auth.Caller;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Counters;
import org.kms4j.servlet.http.Route;
import org.kms4j.servlet.http.UuidText;

/**
 * What is known of one request, so far as it has come; in the end, its one record in the audit log,
 * among the counters and in a flight recording.
 *
 * <p>Threat: a text of the caller's in the record. What the request names is kept if it is a UUID,
 * so that one can see who looked for a key that is gone; anything else, once it was found here.
 *
 * <p>For use by one thread.
 */
final class Trail {
  private static final String KEY = "keyId";
  private static final String PROJECT = "projectId";

  private final String requestId;
  private final Instant time;
  private String remote;

  private Optional<Route<?>> route = Optional.empty();
  private ObjectNode pathParams = JsonNodeFactory.instance.objectNode();
  private Optional<Caller> caller = Optional.empty();
  private Optional<String> projectNamed = Optional.empty();
  private List<KeyMetadata> keysFound = List.of();
  private Optional<Call<?>> call = Optional.empty();
  private boolean ended;
  private boolean counted;

  private final RequestTiming timing = RequestTiming.begin();
  private final long begun = System.nanoTime();

  Trail(String requestId, Instant time, String remote) {
    this.requestId = requestId;
    this.time = time;
    this.remote = remote;
  }

  String requestId() {
    return requestId;
  }

  /** The client's address, where a proxy told it. */
  void from(String address) {
    remote = address;
  }

  /** The route fits, with these variable segments. */
  void found(Route<?> found, ObjectNode params) {
    route = Optional.of(found);
    pathParams = params;
  }

  /** Who calls. */
  void by(Optional<Caller> known) {
    caller = known;
  }

  /** The input names this project. */
  void about(Optional<String> named) {
    projectNamed = named;
  }

  /** The input names these keys. */
  void about(List<KeyMetadata> found) {
    keysFound = found;
  }

  /** The route's handler is given this call. */
  void handled(Call<?> given) {
    call = Optional.of(given);
  }

  private String route() {
    return route.map(Route::name).orElse(AuditEvent.NONE);
  }

  /** The request was answered, or could not be; counts once. */
  void answered(Counters counters, int status) {
    if (counted) {
      return;
    }
    counted = true;
    counters.count(route(), status, System.nanoTime() - begun);
    timing.done(requestId, route(), status);
  }

  /**
   * Hands the record over, unless that was tried before, or the route leaves none.
   *
   * @throws org.kms4j.servlet.audit.AuditException if it is not taken
   */
  void end(AuditLog audit, int status, String error) {
    if (ended || !route.map(Route::audited).orElse(true)) {
      return;
    }
    ended = true;
    audit.record(() -> new Subjects().event(status, error));
  }

  /** What the request was about; what was known later has the last word. */
  private final class Subjects {
    private Optional<String> project = Optional.empty();
    private final Map<UUID, Integer> keys = new LinkedHashMap<>();
    private final Map<String, UUID> others = new LinkedHashMap<>();

    private Subjects() {
      for (Map.Entry<String, JsonNode> param : pathParams.properties()) {
        UuidText.find(param.getValue().asText()).ifPresent(id -> note(param.getKey(), id));
      }
      projectNamed.flatMap(UuidText::find).ifPresent(id -> project = Optional.of(id.toString()));
      keysFound.forEach(this::add);
      call.ifPresent(
          made -> {
            made.made().forEach(this::add);
            made.noted().forEach(this::note);
          });
    }

    private void note(String name, UUID id) {
      switch (name) {
        case KEY -> keys.put(id, AuditEvent.Key.UNKNOWN);
        case PROJECT -> project = Optional.of(id.toString());
        default -> others.put(name, id);
      }
    }

    private void add(KeyMetadata key) {
      keys.put(key.id(), key.primaryVersion());
      project = Optional.of(key.project());
    }

    private AuditEvent event(int status, String error) {
      List<AuditEvent.Key> versions = new ArrayList<>();
      keys.forEach((id, version) -> versions.add(new AuditEvent.Key(id, version)));
      return new AuditEvent(
          time, requestId, remote, route(), caller, project, versions, others, status, error);
    }
  }
}
