package org.kms4j.servlet.auth;

import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.store.Session;

/**
 * Login by client id and client secret.
 *
 * <p>A login that succeeds writes nothing, unless its secret or its token has a limit of uses or
 * there were wrong secrets to forget.
 *
 * <p>Threat: guessing. {@link #MAX_WRONG} wrong secrets within {@link #MEMORY} of each other lock
 * the client id for {@link #LOCK}, in all processes; secrets are compared in constant time. Whoever
 * knows a client id can so lock its owner out for a while, but from an address that may not log in
 * nobody can even guess.
 *
 * <p>Safe for use by many threads.
 */
public final class UniversalAuth {
  static final int MAX_WRONG = 3;
  static final Duration MEMORY = Duration.ofSeconds(30);
  static final Duration LOCK = Duration.ofMinutes(5);

  private final AuthTables tables;
  private final AccessTokens tokens;
  private final Clock clock;

  public UniversalAuth(AuthTables tables, AccessTokens tokens, Clock clock) {
    this.tables = tables;
    this.tokens = tokens;
    this.clock = clock;
  }

  private record Client(
      UUID identity, TokenTerms terms, int wrong, long lastWrongAt, long lockedUntil) {
    static Client read(ResultSet row) throws SQLException {
      return new Client(
          UUID.fromString(row.getString(1)),
          new TokenTerms(
              new TokenLifetime(row.getLong(2), row.getLong(3)),
              row.getLong(4),
              Networks.stored(row.getString(5)),
              Networks.stored(row.getString(6))),
          row.getInt(7),
          row.getLong(8),
          row.getLong(9));
    }
  }

  private static final class Secret {
    private final UUID id;
    private final byte[] sha256;
    private final long maxUses;
    private final long expiresAt;

    private Secret(ResultSet row) throws SQLException {
      this.id = UUID.fromString(row.getString(1));
      this.sha256 = row.getBytes(2);
      this.maxUses = row.getLong(3);
      this.expiresAt = row.getLong(4);
    }
  }

  /**
   * An access token for who knows both.
   *
   * @param from the address of who logs in
   */
  public AccessTokens.Grant login(String clientId, String clientSecret, String from)
      throws AuthException {
    byte[] given = ClientSecret.sha256(clientSecret);
    Client client =
        tables
            .read(session -> client(session, clientId))
            .orElseThrow(AuthException::wrongCredentials);
    client.terms().loginFrom().require(from);
    if (clock.millis() < client.lockedUntil()) {
      throw AuthException.locked();
    }
    Optional<Secret> secret = match(secrets(client.identity()), given);
    if (secret.isEmpty()) {
      tables.write(session -> countWrong(session, clientId));
      throw AuthException.wrongCredentials();
    }
    use(secret.get());
    if (client.wrong() > 0) {
      tables.write(session -> setWrong(session, clientId, 0, 0));
    }
    return tokens.issue(client.identity(), secret.get().id, client.terms());
  }

  private static Optional<Client> client(Session session, String clientId) throws SQLException {
    return session.one(
        "SELECT identity_id, token_ttl_seconds, token_max_ttl_seconds, token_max_uses, login_from,"
            + " token_from, wrong_secrets, last_wrong_at, locked_until FROM auth_universal WHERE client_id = ?",
        Client::read,
        clientId);
  }

  private List<Secret> secrets(UUID identity) {
    return tables.read(
        session ->
            session.all(
                "SELECT client_secret_id, sha256, max_uses, expires_at"
                    + " FROM auth_client_secret WHERE identity_id = ? AND revoked = 0",
                Secret::new,
                identity.toString()));
  }

  /** Compares with all of them, so that the time does not tell which one it was. */
  private static Optional<Secret> match(List<Secret> secrets, byte[] given) {
    Optional<Secret> found = Optional.empty();
    for (Secret secret : secrets) {
      if (MessageDigest.isEqual(secret.sha256, given)) {
        found = Optional.of(secret);
      }
    }
    return found;
  }

  private void use(Secret secret) throws AuthException {
    if (secret.expiresAt != 0 && clock.millis() >= secret.expiresAt) {
      throw AuthException.secretExpired();
    }
    if (secret.maxUses != 0 && !tables.write(session -> countUse(session, secret))) {
      throw AuthException.secretUsedUp();
    }
  }

  /** Counts and compares in one statement: two logins at once cannot both be the last. */
  private static boolean countUse(Session session, Secret secret) throws SQLException {
    return session.update(
            "UPDATE auth_client_secret SET uses = uses + 1"
                + " WHERE client_secret_id = ? AND uses < max_uses",
            secret.id.toString())
        == 1;
  }

  private int countWrong(Session session, String clientId) throws SQLException {
    // Changes nothing but locks the row: else guesses at once could be counted as one.
    session.update(
        "UPDATE auth_universal SET wrong_secrets = wrong_secrets WHERE client_id = ?", clientId);
    Optional<Client> found = client(session, clientId);
    long now = clock.millis();
    // Gone, or locked since it was looked up: counting anew would end the lock.
    if (found.isEmpty() || now < found.get().lockedUntil()) {
      return 0;
    }
    Client client = found.get();
    boolean recent = now - client.lastWrongAt() <= MEMORY.toMillis();
    int wrong = recent ? client.wrong() + 1 : 1;
    boolean lock = wrong >= MAX_WRONG;
    return setWrong(session, clientId, lock ? 0 : wrong, lock ? now + LOCK.toMillis() : 0);
  }

  private int setWrong(Session session, String clientId, int wrong, long lockedUntil)
      throws SQLException {
    return session.update(
        "UPDATE auth_universal SET wrong_secrets = ?, last_wrong_at = ?, locked_until = ?"
            + " WHERE client_id = ?",
        wrong,
        clock.millis(),
        lockedUntil,
        clientId);
  }
}
