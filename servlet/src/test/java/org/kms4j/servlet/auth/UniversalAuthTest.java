package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.store.Database;

class UniversalAuthTest extends AuthCase {
  private static final String WRONG = "Invalid credentials";
  private static final String LOCKED =
      "This identity auth method is temporarily locked, please try again later";

  private AuthFixture.Client client;

  @BeforeEach
  void open() {
    client = auth.client(TokenLifetime.DEFAULT);
  }

  private String refusal(String clientId, String secret) {
    return String.valueOf(
        assertThrows(
                AuthException.class, () -> auth.login.login(clientId, secret, AuthFixture.HERE))
            .getMessage());
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
    List<byte[]> stored =
        auth.tables.read(
            session ->
                session.all("SELECT sha256 FROM auth_client_secret", row -> row.getBytes(1)));

    for (byte[] one : stored) {
      assertNotEquals(client.secret().text(), HexFormat.of().formatHex(one));
    }
    assertFalse(stored.isEmpty());
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
    auth.login.login(client.clientId(), second.text(), AuthFixture.HERE);

    auth.identities.revokeClientSecret(second.id());

    assertEquals(WRONG, refusal(client.clientId(), second.text()));
    auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
  }

  @Test
  void aLoginWritesNothing() throws Exception {
    try (Database elsewhere = auth.openElsewhere()) {
      long before = lastChange(elsewhere);

      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);

      assertEquals(before, lastChange(elsewhere));
      guessWrongly(1);
      assertNotEquals(before, lastChange(elsewhere));
    }
  }

  private long lastChange(Database elsewhere) {
    return elsewhere.read(
        session -> session.one(lastChange(), row -> row.getLong(1)).orElseThrow());
  }

  /** SQLite's counter of commits to the file by other connections than that which asks. */
  String lastChange() {
    return "PRAGMA data_version";
  }

  @Nested
  class LockedOut {
    @Test
    void threeWrongSecretsLockEvenTheRightOneOut() {
      guessWrongly(3);

      assertEquals(LOCKED, refusal(client.clientId(), client.secret().text()));
    }

    @Test
    void guessesThatComeAtOnceAreAllCounted() throws Exception {
      ExecutorService pool = Executors.newFixedThreadPool(3);
      Callable<String> guess = () -> refusal(client.clientId(), "guess");
      for (int round = 0; round < 10; round++) {
        for (Future<String> one : pool.invokeAll(List.of(guess, guess, guess))) {
          assertEquals(WRONG, one.get());
        }

        assertEquals(LOCKED, refusal(client.clientId(), client.secret().text()));
        auth.clock.advance(Duration.ofMinutes(5));
      }
      pool.shutdown();
    }

    @Test
    void theLockEndsAfterFiveMinutes() throws Exception {
      guessWrongly(3);

      auth.clock.advance(Duration.ofMinutes(5).minusMillis(1));
      assertEquals(LOCKED, refusal(client.clientId(), client.secret().text()));
      auth.clock.advance(Duration.ofMillis(1));

      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
    }

    @Test
    void tryingWhileLockedDoesNotLockForLonger() throws Exception {
      guessWrongly(3);
      auth.clock.advance(Duration.ofMinutes(4));
      assertEquals(LOCKED, refusal(client.clientId(), "guess"));

      auth.clock.advance(Duration.ofMinutes(1));

      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
    }

    @Test
    void wrongSecretsFarApartDoNotLock() throws Exception {
      guessWrongly(2);
      auth.clock.advance(Duration.ofSeconds(31));
      guessWrongly(2);

      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
    }

    @Test
    void theRightSecretForgetsTheWrongOnes() throws Exception {
      guessWrongly(2);
      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
      guessWrongly(2);

      auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);
    }

    @Test
    void anotherClientIsNotLocked() throws Exception {
      AuthFixture.Client other = auth.client(TokenLifetime.DEFAULT);
      guessWrongly(3);

      auth.login.login(other.clientId(), other.secret().text(), AuthFixture.HERE);
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
                      .login(client.clientId(), client.secret().text(), AuthFixture.HERE));

      elsewhere.close();
      assertEquals(LOCKED, refused.getMessage());
    }
  }

  @Nested
  class WithALimitedSecret {
    @Test
    void itServesAsOftenAsItMay() throws Exception {
      AuthFixture.Client twice = auth.client(TokenLifetime.DEFAULT, new SecretLimits(0, 2));
      auth.login.login(twice.clientId(), twice.secret().text(), AuthFixture.HERE);
      auth.login.login(twice.clientId(), twice.secret().text(), AuthFixture.HERE);

      assertEquals(
          "Access denied due to client secret usage limit reached",
          refusal(twice.clientId(), twice.secret().text()));
    }

    @Test
    void itServesAsLongAsItMay() throws Exception {
      AuthFixture.Client shortLived = auth.client(TokenLifetime.DEFAULT, new SecretLimits(60, 0));
      auth.clock.advance(Duration.ofSeconds(59));
      auth.login.login(shortLived.clientId(), shortLived.secret().text(), AuthFixture.HERE);
      auth.clock.advance(Duration.ofSeconds(1));

      assertEquals(
          "Access denied due to expired client secret",
          refusal(shortLived.clientId(), shortLived.secret().text()));
    }
  }
}
