package org.kms4j.servlet.route;

import java.time.Clock;
import java.time.Duration;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.Reply;

/** Whether the server serves, for whoever asks. Safe for use by many threads. */
public final class StatusRoutes {
  private final Clock clock;
  private final Duration longest;

  /**
   * @param longest how long a token lives at most
   */
  public StatusRoutes(Clock clock, Duration longest) {
    this.clock = clock;
    this.longest = longest;
  }

  /** Nothing is asked of the caller. */
  public enum Nothing {
    NOTHING;

    /** Reads nothing. */
    public static Nothing read(Input input) {
      return NOTHING;
    }
  }

  /** Says yes. */
  public Reply status(Call<Nothing> call) {
    String now = KeyJson.date(clock.instant());
    return json -> {
      json.writeStartObject();
      json.writeStringField("date", now);
      json.writeStringField("message", "Ok");
      json.writeBooleanField("emailConfigured", false);
      json.writeBooleanField("inviteOnlySignup", true);
      json.writeBooleanField("redisConfigured", false);
      json.writeBooleanField("secretScanningConfigured", false);
      json.writeNumberField("maxIdentityAccessTokenTTL", longest.toSeconds());
      json.writeEndObject();
    };
  }
}
