package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.Reply;

/**
 * Whether the server serves, for whoever asks; costs no statement and never waits for the database.
 *
 * <p>Safe for use by many threads.
 */
public final class StatusRoutes {
  private static final String STORE = "x-kms-store";

  private final Clock clock;
  private final Duration longest;
  private final BooleanSupplier storeAnswers;

  /**
   * @param longest how long a token lives at most
   * @param storeAnswers whether the database does; must not ask it
   */
  public StatusRoutes(Clock clock, Duration longest, BooleanSupplier storeAnswers) {
    this.clock = clock;
    this.longest = longest;
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

  /** Says yes, and in the head whether the database does: the body is upstream's. */
  public Reply status(Call<Nothing> call) {
    return new Status(
        KeyJson.date(clock.instant()), longest, storeAnswers.getAsBoolean() ? "up" : "down");
  }

  private record Status(String date, Duration longest, String store) implements Reply {
    @Override
    public Map<String, String> headers() {
      return Map.of(STORE, store);
    }

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
      json.writeEndObject();
    }
  }
}
