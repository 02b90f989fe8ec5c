package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UniversalAuthTest {
  private static final String WRONG = "Invalid credentials";
  private static final String LOCKED =
      "This identity auth method is temporarily locked, please try again later";

  @TempDir private Path home;
  private AuthFixture auth;
  private AuthFixture.Client client;

  @BeforeEach
  void open() throws Exception {
    auth = new AuthFixture(home);
    client = auth.client(TokenLifetime.DEFAULT);
  }

  @AfterEach
  void close() {
    auth.close();
  }

  private String refusal(String clientId, String secret) {
    return String.valueOf(
        assertThrows(AuthException.class, () -> auth.login.login(clientId, secret)).getMessage());
  }

  private void guessWrongly(int times) {
    for (int i = 0; i < times; i++) {
      assertEquals(WRONG, refusal(client.clientId(), "guess " + i));
    }
  }

  @Test
  void aSecretIs64HexDigits() {
    assertTrue(client.secret().text().matches("[0-9a-f]{64}"));
  }

  @Test
  void theSecretItselfIsNotInTheDatabase() {
    int found =
        auth.tables.read(
            session ->
                session
                    .one(
                        "SELECT COUNT(*) FROM auth_client_secret WHERE HEX(sha256) LIKE ?",
                        row -> row.getInt(1),
                        client.secret().text())
                    .orElseThrow());

    assertEquals(0, found);
  }

  @Test
  void anUnknownClientAndAWrongSecretLookTheSame() {
    assertEquals(WRONG, refusal(UUID.randomUUID().toString(), client.secret().text()));
    assertEquals(WRONG, refusal("no uuid at all", client.secret().text()));
    assertEquals(WRONG, refusal(client.clientId(), "0".repeat(64)));
  }

  @Test
  void eachOfSeveralSecretsServesUntilItIsRevoked() throws Exception {
    ClientSecret second = auth.identities.addClientSecret(client.identity(), SecretLimits.NONE);
    auth.login.login(client.clientId(), second.text());

    auth.identities.revokeClientSecret(second.id());

    assertEquals(WRONG, refusal(client.clientId(), second.text()));
    auth.login.login(client.clientId(), client.secret().text());
  }

  @Test
  void aLoginWritesNothing() throws Exception {
    long before = epochAndChanges();

    auth.login.login(client.clientId(), client.secret().text());

    assertEquals(before, epochAndChanges());
  }

  /** SQLite's counter of commits to the file, by any process. */
  private long epochAndChanges() {
    return auth.tables.read(
        session -> session.one("PRAGMA data_version", row -> row.getLong(1)).orElseThrow());
  }

  @Nested
  class LockedOut {
    @Test
    void threeWrongSecretsLockEvenTheRightOneOut() {
      guessWrongly(3);

      assertEquals(LOCKED, refusal(client.clientId(), client.secret().text()));
    }

    @Test
    void theLockEndsAfterFiveMinutes() throws Exception {
      guessWrongly(3);

      auth.clock.advance(Duration.ofMinutes(5).minusMillis(1));
      assertEquals(LOCKED, refusal(client.clientId(), client.secret().text()));
      auth.clock.advance(Duration.ofMillis(1));

      auth.login.login(client.clientId(), client.secret().text());
    }

    @Test
    void tryingWhileLockedDoesNotLockForLonger() throws Exception {
      guessWrongly(3);
      auth.clock.advance(Duration.ofMinutes(4));
      assertEquals(LOCKED, refusal(client.clientId(), "guess"));

      auth.clock.advance(Duration.ofMinutes(1));

      auth.login.login(client.clientId(), client.secret().text());
    }

    @Test
    void wrongSecretsFarApartDoNotLock() throws Exception {
      guessWrongly(2);
      auth.clock.advance(Duration.ofSeconds(31));
      guessWrongly(2);

      auth.login.login(client.clientId(), client.secret().text());
    }

    @Test
    void theRightSecretForgetsTheWrongOnes() throws Exception {
      guessWrongly(2);
      auth.login.login(client.clientId(), client.secret().text());
      guessWrongly(2);

      auth.login.login(client.clientId(), client.secret().text());
    }

    @Test
    void anotherClientIsNotLocked() throws Exception {
      AuthFixture.Client other = auth.client(TokenLifetime.DEFAULT);
      guessWrongly(3);

      auth.login.login(other.clientId(), other.secret().text());
    }

    @Test
    void theLockHoldsInAnotherProcess() {
      guessWrongly(3);
      AuthTables elsewhere = AuthTables.open(auth.database);

      AuthException refused =
          assertThrows(
              AuthException.class,
              () ->
                  new UniversalAuth(elsewhere, auth.tokens, auth.clock)
                      .login(client.clientId(), client.secret().text()));

      elsewhere.close();
      assertEquals(LOCKED, refused.getMessage());
    }
  }

  @Nested
  class WithALimitedSecret {
    @Test
    void itServesAsOftenAsItMay() throws Exception {
      AuthFixture.Client twice = auth.client(TokenLifetime.DEFAULT, new SecretLimits(0, 2));
      auth.login.login(twice.clientId(), twice.secret().text());
      auth.login.login(twice.clientId(), twice.secret().text());

      assertEquals(
          "Access denied due to client secret usage limit reached",
          refusal(twice.clientId(), twice.secret().text()));
    }

    @Test
    void itServesAsLongAsItMay() throws Exception {
      AuthFixture.Client shortLived = auth.client(TokenLifetime.DEFAULT, new SecretLimits(60, 0));
      auth.clock.advance(Duration.ofSeconds(59));
      auth.login.login(shortLived.clientId(), shortLived.secret().text());
      auth.clock.advance(Duration.ofSeconds(1));

      assertEquals(
          "Access denied due to expired client secret",
          refusal(shortLived.clientId(), shortLived.secret().text()));
    }
  }
}
