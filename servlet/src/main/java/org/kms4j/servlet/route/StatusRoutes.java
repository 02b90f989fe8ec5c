package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.Revocation;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.Reply;

/**
 * Whether the server serves, and for which others it waits, for whoever asks; costs no statement
 * and never waits for the database.
 *
 * <p>Safe for use by many threads.
 */
public final class StatusRoutes {
  private static final String STORE = "x-kms-store";
  private static final String NODE = "x-kms-node";

  private final Clock clock;
  private final Duration longest;
  private final Keyring keyring;
  private final BooleanSupplier storeAnswers;

  /**
   * @param longest how long a token lives at most
   * @param storeAnswers whether the database does; must not ask it
   */
  public StatusRoutes(
      Clock clock, Duration longest, Keyring keyring, BooleanSupplier storeAnswers) {
    this.clock = clock;
    this.longest = longest;
    this.keyring = keyring;
    this.storeAnswers = storeAnswers;
  }

  /** Nothing is asked of the caller. */
  public enum Nothing {
    NOTHING;

    /** Reads nothing. */
    public static Nothing read(Input input) {
      return NOTHING;
    }
  }

  /**
   * Says yes, and in the head whether the database does, and which node this is: the body is
   * upstream's, unless a revocation is pending.
   */
  public Reply status(Call<Nothing> call) {
    String store = storeAnswers.getAsBoolean() ? "up" : "down";
    return new Status(
        KeyJson.date(clock.instant()),
        longest,
        keyring.pending(),
        Map.of(STORE, store, NODE, keyring.node().toString()));
  }

  private record Status(
      String date, Duration longest, List<Revocation> pending, Map<String, String> headers)
      implements Reply {

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStartObject();
      json.writeStringField("date", date);
      json.writeStringField("message", "Ok");
      json.writeBooleanField("emailConfigured", false);
      json.writeBooleanField("inviteOnlySignup", true);
      json.writeBooleanField("redisConfigured", false);
      json.writeBooleanField("secretScanningConfigured", false);
      json.writeNumberField("maxIdentityAccessTokenTTL", longest.toSeconds());
      if (!pending.isEmpty()) {
        writePending(json);
      }
      json.writeEndObject();
    }

    private void writePending(JsonGenerator json) throws IOException {
      json.writeArrayFieldStart("pendingRevocations");
      for (Revocation one : pending) {
        json.writeStartObject();
        json.writeStringField("keyId", one.key().id().toString());
        json.writeArrayFieldStart("awaitedNodes");
        for (UUID node : new TreeSet<>(one.awaited())) {
          json.writeString(node.toString());
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }
}
