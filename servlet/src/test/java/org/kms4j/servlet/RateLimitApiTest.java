package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;

/** Three requests a minute, over a real socket; the clock is the test's. */
class RateLimitApiTest {
  private static final String LIST = ApiClient.KEYS + "?projectId=" + KeyMetadata.DEFAULT_PROJECT;

  @TempDir private Path home;
  private final TestClock clock = new TestClock();
  private EmbeddedServer server;
  private ApiClient admin;

  @BeforeEach
  void start() throws Exception {
    server =
        EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.http.rateLimit", "3"), clock);
    admin = ApiClient.admin(server.url(), home);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static void assertLimited(Answer answer, int seconds) {
    answer.is(
        429,
        "RateLimitExceeded",
        "Rate limit exceeded. Please try again in " + seconds + " seconds");
    assertEquals(
        Optional.of(String.valueOf(seconds)), answer.raw().headers().firstValue("retry-after"));
  }

  private void exhaust() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertEquals(Optional.empty(), admin.get(LIST).raw().headers().firstValue("retry-after"));
    }
  }

  @Test
  void theFourthRequestWaits() throws Exception {
    exhaust();

    assertLimited(admin.get(LIST), 20);
    clock.advance(Duration.ofSeconds(20));

    admin.get(LIST).ok();
    assertLimited(admin.get(LIST), 20);
  }

  @Test
  void anotherIdentityDoesNot() throws Exception {
    UUID robot = server.server().identities().createIdentity("robot");
    UUID client = server.server().identities().enableUniversalAuth(robot, TokenLifetime.DEFAULT);
    server.server().identities().setRole(KeyMetadata.DEFAULT_PROJECT, robot, Role.VIEWER);
    String secret = server.server().identities().addClientSecret(robot, SecretLimits.NONE).text();
    exhaust();

    ApiClient.anonymous(server.url()).logIn(client.toString(), secret).get(LIST).ok();
  }

  @Test
  void anotherTokenOfTheIdentityDoesAsWell() throws Exception {
    exhaust();

    assertLimited(ApiClient.admin(server.url(), home).get(LIST), 20);
  }

  @Test
  void itComesAfterTokenAndBodyAndBeforeWhatTheBodySays() throws Exception {
    String encrypt = ApiClient.KEYS + "/no-uuid/encrypt";
    exhaust();

    ApiClient.anonymous(server.url()).get(LIST).is(401, "UnauthorizedError", "Token missing");
    admin
        .post(encrypt, "x".repeat((2 << 20) + 1))
        .is(400, "BadRequest", "The body is larger than 2097152 bytes");
    assertLimited(admin.post(encrypt, "{}"), 20);
    assertLimited(admin.post(encrypt, "no json"), 20);
    admin
        .get("/nowhere")
        .is(
            404,
            "Not Found",
            "Route GET:/nowhere not found. Check method and path against the list of routes.");
  }

  @Test
  void aWrongSettingStopsTheStart(@TempDir Path other) {
    for (String wrong : List.of("-1", "1000001", "ten", "", "1.5")) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> ServerConfig.load(other, Map.of("kms.http.rateLimit", wrong)));
      assertTrue(String.valueOf(refused.getMessage()).contains("kms.http.rateLimit"));
    }
  }
}
