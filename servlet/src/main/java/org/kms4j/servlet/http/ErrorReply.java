package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.security.InvalidKeyException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import javax.crypto.AEADBadTagException;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsageException;
import org.kms4j.key.SealLimitException;
import org.kms4j.servlet.auth.AuthException;

/**
 * How a failure is answered: the one table from exception to status.
 *
 * <p>Threat: an answer that tells what it must not. Whatever the table does not know is "Something
 * went wrong"; a message that did not open has one text, whatever the cause.
 *
 * @param status the HTTP status
 * @param error the name of the failure
 * @param message a text, or the issues of a 422
 * @param extra a further member, if any
 * @param retryAfter seconds after which the same request may be served, if that is known
 */
public record ErrorReply(
    int status,
    String error,
    JsonNode message,
    Optional<Map.Entry<String, JsonNode>> extra,
    OptionalLong retryAfter) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<Row<?>> TABLE =
      List.of(
          new Row<>(ValidationException.class, ErrorReply::invalid),
          new Row<>(AuthException.class, ErrorReply::auth),
          new Row<>(RefusedException.class, ErrorReply::refused),
          new Row<>(RateLimitExceededException.class, ErrorReply::tooMany),
          new Row<>(KeyNotFoundException.class, ErrorReply::keyNotFound),
          new Row<>(KeyStateException.class, e -> badRequest("Key is disabled")),
          new Row<>(
              KeyNotExportableException.class,
              e -> badRequest("You are not allowed to export this key")),
          new Row<>(KeyUsageException.class, ErrorReply::wrongUsage),
          new Row<>(SealLimitException.class, ErrorReply::spent),
          new Row<>(KeyNameTakenException.class, ErrorReply::nameTaken),
          new Row<>(
              AEADBadTagException.class,
              e -> badRequest("The ciphertext cannot be decrypted with this key")));

  private record Row<E extends Exception>(Class<E> type, Function<E, ErrorReply> reply) {
    Optional<ErrorReply> answer(Exception e) {
      return type.isInstance(e) ? Optional.of(reply.apply(type.cast(e))) : Optional.empty();
    }
  }

  /** The answer to this failure. */
  public static ErrorReply of(Exception failure) {
    // A key that was revoked between init and doFinal is answered as one that was before.
    Exception known = failure.getCause() instanceof InvalidKeyException revoked ? revoked : failure;
    return TABLE.stream()
        .flatMap(row -> row.answer(known).stream())
        .findFirst()
        .orElseGet(ErrorReply::internal);
  }

  /** The answer where a server refuses a request by itself, before any route has seen it. */
  public static ErrorReply ofStatus(int status) {
    boolean unsupported = status == 501 || status == 505;
    return status >= 500 && !unsupported ? internal() : badRequest("The request is not valid HTTP");
  }

  /** The answer to what nobody foresaw. */
  public static ErrorReply internal() {
    return reply(500, "InternalServerError", "Something went wrong");
  }

  /** Whether it is ours to mend, so that it must be logged. */
  public boolean ours() {
    return status >= 500;
  }

  /** Writes the whole object. */
  public void write(JsonGenerator json, String requestId) throws IOException {
    json.writeStartObject();
    json.writeStringField("reqId", requestId);
    json.writeNumberField("statusCode", status);
    json.writeFieldName("message");
    Json.write(json, message);
    json.writeStringField("error", error);
    if (extra.isPresent()) {
      json.writeFieldName(extra.get().getKey());
      Json.write(json, extra.get().getValue());
    }
    json.writeEndObject();
  }

  private static ErrorReply invalid(ValidationException e) {
    return new ErrorReply(
        422, "ValidationFailure", e.issues(), Optional.empty(), OptionalLong.empty());
  }

  private static ErrorReply tooMany(RateLimitExceededException e) {
    return new ErrorReply(
        429,
        "RateLimitExceeded",
        JSON.textNode(text(e)),
        Optional.empty(),
        OptionalLong.of(e.seconds()));
  }

  private static ErrorReply auth(AuthException e) {
    return switch (e.kind()) {
      case UNAUTHENTICATED -> reply(401, "UnauthorizedError", text(e));
      case UNTRUSTED_ADDRESS -> reply(403, "ForbiddenError", text(e));
      case BAD_TOKEN -> reply(403, "TokenError", text(e));
      case NO_SUCH_PROJECT, NOT_FOUND -> reply(404, "NotFound", text(e));
      case CONFLICT -> badRequest(text(e));
      case NOT_A_MEMBER -> reply(403, "ProjectMembershipNotFound", text(e));
      // The API lists the rules that matched; a role that lacks the action has none.
      case DENIED -> reply(403, "PermissionDenied", text(e)).with("details", JSON.arrayNode());
    };
  }

  private static ErrorReply refused(RefusedException e) {
    return switch (e.kind()) {
      case BAD_REQUEST -> badRequest(text(e));
      case NOT_FOUND -> reply(404, "NotFound", text(e));
      case NO_ROUTE ->
          reply(404, "Not Found", text(e)).with("docs", JSON.textNode("/api/docs/json"));
    };
  }

  private static ErrorReply keyNotFound(KeyNotFoundException e) {
    return reply(404, "NotFound", "Key with ID \"" + e.keyId() + "\" not found");
  }

  private static ErrorReply wrongUsage(KeyUsageException e) {
    return badRequest(
        "Unsupported key type, expected %s but got %s"
            .formatted(e.expected().text(), e.actual().text()));
  }

  private static ErrorReply spent(SealLimitException e) {
    return badRequest(
        "Version %d of the key has sealed as many messages as it may: rotate the key"
            .formatted(e.version()));
  }

  private static ErrorReply nameTaken(KeyNameTakenException e) {
    return badRequest(
        "A KMS key with the name \"%s\" already exists for the project with ID \"%s\""
            .formatted(e.name(), e.project()));
  }

  private static ErrorReply badRequest(String message) {
    return reply(400, "BadRequest", message);
  }

  private static ErrorReply reply(int status, String error, String message) {
    return new ErrorReply(
        status, error, JSON.textNode(message), Optional.empty(), OptionalLong.empty());
  }

  private ErrorReply with(String name, JsonNode value) {
    return new ErrorReply(status, error, message, Optional.of(Map.entry(name, value)), retryAfter);
  }

  private static String text(Exception e) {
    return String.valueOf(e.getMessage());
  }
}
