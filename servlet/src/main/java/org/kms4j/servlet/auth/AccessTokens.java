package org.kms4j.servlet.auth;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.kms4j.store.Session;

/**
 * Issues, checks, renews and revokes access tokens.
 *
 * <p>A token carries what it says, signed; what is kept is which tokens were revoked. One that was
 * checked is remembered, with the caller and their roles, until its time is over or anything about
 * identities changes anywhere: the next check of it costs no I/O and no HMAC.
 *
 * <p>Threat: a stolen token. It ends by time, or at once when it, its client secret or its identity
 * is revoked; elsewhere within a second. What is remembered is filed under the SHA-256 of a token,
 * so a heap dump shows none.
 *
 * <p>Safe for use by many threads.
 */
public final class AccessTokens {
  /** Checked tokens that are remembered at most. */
  static final int MAX_REMEMBERED = 10_000;

  private final AuthTables tables;
  private final TokenFormat format;
  private final UUID organisation;
  private final Clock clock;
  private final ConcurrentHashMap<String, Checked> remembered = new ConcurrentHashMap<>();

  /** Issues tokens of this organisation, signed by this signer. */
  public AccessTokens(AuthTables tables, TokenSigner signer, UUID organisation, Clock clock) {
    this.tables = tables;
    this.format = new TokenFormat(signer);
    this.organisation = organisation;
    this.clock = clock;
  }

  private record Checked(Caller caller, Instant expiresAt, long generation) {}

  /**
   * An access token at the moment of its issue.
   *
   * @param accessToken the bearer string
   * @param lifetime how long it lives
   */
  public record Grant(String accessToken, TokenLifetime lifetime) {
    @Override
    public String toString() {
      return "Grant[" + lifetime + "]";
    }
  }

  /** Whose token this is. */
  public Caller verify(String token) throws AuthException {
    long generation = tables.generation();
    String name = new String(ClientSecret.sha256(token), StandardCharsets.ISO_8859_1);
    Checked known = remembered.get(name);
    if (known != null && known.generation() == generation) {
      requireInTime(known.expiresAt());
      return known.caller();
    }
    TokenClaims claims = read(token);
    Caller caller = caller(claims);
    remember(name, new Checked(caller, claims.expiresAt(), generation));
    return caller;
  }

  /** A new token in place of this one, with the time beginning anew; both live on. */
  public Grant renew(String token) throws AuthException {
    TokenClaims claims = read(token);
    caller(claims);
    Instant now = now();
    if (now.plusSeconds(claims.lifetime().ttl()).isAfter(claims.endsAt())) {
      revoke(claims);
      throw AuthException.pastMaxTtl();
    }
    return grant(claims.renewed(now));
  }

  /** Ends the token and all its renewals. */
  public void revoke(String token) throws AuthException {
    TokenClaims claims = read(token);
    caller(claims);
    revoke(claims);
  }

  /** A token for an identity that has logged in with this secret. */
  Grant issue(UUID identity, UUID clientSecret, TokenLifetime lifetime) {
    Instant now = now();
    return grant(
        new TokenClaims(
            UUID.randomUUID(), identity, clientSecret, organisation, now, now, lifetime));
  }

  private Grant grant(TokenClaims claims) {
    return new Grant(format.write(claims), claims.lifetime());
  }

  private TokenClaims read(String token) throws AuthException {
    TokenClaims claims = format.read(token);
    requireInTime(claims.expiresAt());
    return claims;
  }

  private void requireInTime(Instant expiresAt) throws AuthException {
    if (!clock.instant().isBefore(expiresAt)) {
      throw AuthException.tokenExpired();
    }
  }

  private Caller caller(TokenClaims claims) throws AuthException {
    if (!claims.organisationId().equals(organisation)
        || !tables.read(session -> isLive(session, claims))) {
      throw AuthException.tokenUnknown();
    }
    return new Caller(
        claims.identityId(),
        organisation,
        claims.tokenId(),
        tables.read(session -> Administration.organisationRole(session, claims.identityId())),
        tables.read(session -> Identities.roles(session, claims.identityId())));
  }

  private static boolean isLive(Session session, TokenClaims claims) throws SQLException {
    return session
        .one(
            "SELECT 1 FROM auth_client_secret WHERE client_secret_id = ? AND identity_id = ?"
                + " AND revoked = 0"
                + " AND NOT EXISTS (SELECT 1 FROM auth_revoked_token WHERE token_id = ?)",
            row -> row.getInt(1),
            claims.clientSecretId().toString(),
            claims.identityId().toString(),
            claims.tokenId().toString())
        .isPresent();
  }

  private void revoke(TokenClaims claims) {
    tables.change(
        session -> {
          session.update("DELETE FROM auth_revoked_token WHERE expires_at < ?", clock.millis());
          session.update(
              "DELETE FROM auth_revoked_token WHERE token_id = ?", claims.tokenId().toString());
          return session.update(
              "INSERT INTO auth_revoked_token (token_id, expires_at) VALUES (?, ?)",
              claims.tokenId().toString(),
              claims.endsAt().toEpochMilli());
        });
  }

  private void remember(String name, Checked checked) {
    // Forgetting all is rare, cheap to mend, and needs no order of use that the hot path must keep.
    if (remembered.size() >= MAX_REMEMBERED) {
      remembered.clear();
    }
    remembered.put(name, checked);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
