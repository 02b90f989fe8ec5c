package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.auth.Networks;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;
import org.kms4j.servlet.auth.TokenTerms;

/** Two servers over one home, as two processes would be: nothing in memory is shared. */
class TwoServersTest {
  /** The promise is a second; the rest is for a machine that is busy. */
  private static final Duration SOON = Duration.ofMillis(1_500);

  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path home;
  private EmbeddedServer here;
  private EmbeddedServer there;
  private ApiClient atHere;
  private ApiClient atThere;

  @BeforeEach
  void start() throws Exception {
    here = EmbeddedServer.start(home, Map.of("kms.http.port", "0"));
    there = EmbeddedServer.start(home, Map.of("kms.http.port", "0"));
    atHere = ApiClient.admin(here.url(), home);
    atThere = new ApiClient(there.url(), java.util.Optional.of(atHere.token()));
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  /** Asks until the answer is this status; fails if it is not soon. */
  private static void awaitStatus(int wanted, Callable<ApiClient.Answer> question)
      throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    int status = question.call().status();
    while (status != wanted && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      status = question.call().status();
    }
    assertEquals(wanted, status);
  }

  @Test
  void onlyTheFirstMakesTheInstallation() {
    assertTrue(here.firstStart());
    assertEquals(false, there.firstStart());
  }

  @Test
  void aTokenOfOneServesAtTheOther() throws Exception {
    String keyId = atHere.createKey("shared", "aes-256-gcm");

    assertArrayEquals(TEXT, atThere.open(keyId, atHere.seal(keyId, TEXT)));
    assertArrayEquals(TEXT, atHere.open(keyId, atThere.seal(keyId, TEXT)));
  }

  @Test
  void aTokenRevokedAtOneSoonEndsAtTheOther() throws Exception {
    String keyId = atHere.createKey("shared", "aes-256-gcm");
    atThere.seal(keyId, TEXT);

    atHere.post("/api/v1/auth/token/revoke", "{\"accessToken\":\"" + atHere.token() + "\"}").ok();

    awaitStatus(401, () -> atThere.encrypt(keyId, TEXT));
  }

  @Test
  void bothTogetherAllowATokenNoMoreUsesThanItHas() throws Exception {
    UUID robot = here.server().identities().createIdentity("robot");
    TokenTerms fourUses =
        new TokenTerms(TokenLifetime.DEFAULT, 4, Networks.ANYWHERE, Networks.ANYWHERE);
    UUID client = here.server().identities().enableUniversalAuth(robot, fourUses);
    here.server().identities().setRole(KeyMetadata.DEFAULT_PROJECT, robot, Role.VIEWER);
    String secret = here.server().identities().addClientSecret(robot, SecretLimits.NONE).text();
    ApiClient robotHere = ApiClient.anonymous(here.url()).logIn(client.toString(), secret);
    ApiClient robotThere = ApiClient.anonymous(there.url()).withToken(robotHere.token());
    String list = ApiClient.KEYS + "?projectId=" + KeyMetadata.DEFAULT_PROJECT;
    for (int i = 0; i < 2; i++) {
      robotHere.get(list).ok();
      robotThere.get(list).ok();
    }

    String usedUp = "Unable to renew because access token number of uses limit reached";
    robotHere.get(list).is(401, "UnauthorizedError", usedUp);
    robotThere.get(list).is(401, "UnauthorizedError", usedUp);
  }

  @Test
  void aRoleTakenAtOneSoonEndsAtTheOther() throws Exception {
    String keyId = atHere.createKey("shared", "aes-256-gcm");
    UUID robot = here.server().identities().createIdentity("robot");
    UUID client = here.server().identities().enableUniversalAuth(robot, TokenLifetime.DEFAULT);
    String secret = here.server().identities().addClientSecret(robot, SecretLimits.NONE).text();
    here.server()
        .identities()
        .setRole(KeyMetadata.DEFAULT_PROJECT, robot, Role.CRYPTOGRAPHIC_OPERATOR);
    ApiClient robotThere = ApiClient.anonymous(there.url()).logIn(client.toString(), secret);
    robotThere.seal(keyId, TEXT);

    here.server().identities().setRole(KeyMetadata.DEFAULT_PROJECT, robot, Role.VIEWER);

    awaitStatus(403, () -> robotThere.encrypt(keyId, TEXT));
  }

  @Test
  void aKeyDisabledAtOneSoonSealsNothingAtTheOther() throws Exception {
    String keyId = atHere.createKey("shared", "aes-256-gcm");
    atThere.seal(keyId, TEXT);

    atHere.patch(ApiClient.KEYS + "/" + keyId, "{\"isDisabled\":true}").ok();

    awaitStatus(400, () -> atThere.encrypt(keyId, TEXT));
  }

  @Test
  void aKeyDeletedAtOneIsSoonUnknownToTheOther() throws Exception {
    String keyId = atHere.createKey("shared", "aes-256-gcm");
    atThere.seal(keyId, TEXT);

    atHere.delete(ApiClient.KEYS + "/" + keyId).ok();

    awaitStatus(404, () -> atThere.encrypt(keyId, TEXT));
  }
}
