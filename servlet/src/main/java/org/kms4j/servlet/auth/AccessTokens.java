package org.kms4j.servlet.auth;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
 * is revoked; elsewhere within a second, or where the store fails, after the grace of {@link
 * AuthTables}. What is remembered is filed under the SHA-256 of a token, so a heap dump shows none.
 * Where it may be used from some networks only, a thief elsewhere has nothing; where it is good for
 * some uses only, all processes together allow no more. A token without such a limit writes
 * nothing, ever.
 *
 * <p>Safe for use by many threads.
 */
public final class AccessTokens {
  /** Checked tokens that are remembered at most. */
  static final int MAX_REMEMBERED = 10_000;

  static final String STANDING =
      "SELECT u.token_from, i.name, i.organisation_role, m.project_id, m.role"
          + " FROM auth_client_secret s JOIN auth_universal u ON u.identity_id = s.identity_id"
          + " JOIN auth_identity i ON i.identity_id = s.identity_id"
          + " LEFT JOIN auth_membership m ON m.identity_id = s.identity_id"
          + " WHERE s.client_secret_id = ? AND s.identity_id = ? AND s.revoked = 0"
          + " AND NOT EXISTS (SELECT 1 FROM auth_revoked_token WHERE token_id = ?)";

  static final String COUNT_USE =
      "UPDATE auth_counted_token SET uses = uses + 1 WHERE token_id = ? AND uses < max_uses";

  static final String FORGET_COUNTED = "DELETE FROM auth_counted_token WHERE expires_at < ?";
  static final String FORGET_REVOKED = "DELETE FROM auth_revoked_token WHERE expires_at < ?";

  private final AuthTables tables;
  private final TokenFormat format;
  private final UUID organisation;
  private final Clock clock;
  private final Duration longest;
  private final ConcurrentHashMap<String, Checked> remembered = new ConcurrentHashMap<>();

  /**
   * Issues tokens of this organisation, signed by this signer.
   *
   * @param longest no token lives longer, whenever it was issued
   */
  public AccessTokens(
      AuthTables tables, TokenSigner signer, UUID organisation, Clock clock, Duration longest) {
    this.tables = tables;
    this.format = new TokenFormat(signer);
    this.organisation = organisation;
    this.clock = clock;
    this.longest = longest;
  }

  private record Checked(
      Caller caller, Instant expiresAt, boolean counted, Networks from, long generation) {}

  private record Standing(
      Networks from, String name, OrganisationRole organisationRole, Map<String, Role> roles) {}

  /**
   * An access token at the moment of its issue.
   *
   * @param accessToken the bearer string
   * @param identity whose it is
   * @param lifetime how long it lives
   */
  public record Grant(String accessToken, UUID identity, TokenLifetime lifetime) {
    @Override
    public String toString() {
      return "Grant[" + lifetime + "]";
    }
  }

  /**
   * Whose token this is; counts as a use of it, if these are limited.
   *
   * @param from the address of who shows it
   */
  public Caller verify(String token, String from) throws AuthException {
    Checked checked = check(token);
    checked.from().require(from);
    if (checked.counted() && !tables.write(s -> countUse(s, checked.caller().accessTokenId()))) {
      throw AuthException.tokenUsedUp();
    }
    return checked.caller();
  }

  private Checked check(String token) throws AuthException {
    long generation = tables.generation();
    String name = new String(ClientSecret.sha256(token), StandardCharsets.ISO_8859_1);
    Checked known = remembered.get(name);
    if (known != null && known.generation() == generation) {
      requireInTime(known.expiresAt());
      return known;
    }
    TokenClaims claims = read(token);
    Standing standing = standing(claims);
    Checked checked =
        new Checked(
            caller(claims, standing),
            expiresAt(claims),
            claims.maxUses() > 0,
            standing.from(),
            generation);
    remember(name, checked);
    return checked;
  }

  /** A new token in place of this one, with the time beginning anew; both live on. */
  public Grant renew(String token, String from) throws AuthException {
    TokenClaims claims = read(token);
    standing(claims).from().require(from);
    if (claims.maxUses() > 0 && !tables.read(session -> mayBeUsed(session, claims))) {
      throw AuthException.tokenUsedUp();
    }
    Instant now = now();
    if (now.plusSeconds(claims.lifetime().ttl()).isAfter(endsAt(claims))) {
      revoke(claims);
      throw AuthException.pastMaxTtl();
    }
    return grant(claims.renewed(now));
  }

  /** Ends the token and all its renewals, and says whose they were. */
  public UUID revoke(String token) throws AuthException {
    TokenClaims claims = read(token);
    standing(claims);
    revoke(claims);
    return claims.identityId();
  }

  /** A token for an identity that has logged in with this secret. */
  Grant issue(UUID identity, UUID clientSecret, TokenTerms terms) {
    Instant now = now();
    TokenClaims claims =
        new TokenClaims(
            UUID.randomUUID(),
            identity,
            clientSecret,
            organisation,
            now,
            now,
            terms.lifetime().within(longest),
            terms.maxUses());
    if (claims.maxUses() > 0) {
      tables.write(session -> beginCount(session, claims));
    }
    return grant(claims);
  }

  private Grant grant(TokenClaims claims) {
    return new Grant(format.write(claims), claims.identityId(), claims.granted());
  }

  private TokenClaims read(String token) throws AuthException {
    TokenClaims claims = format.read(token);
    requireInTime(expiresAt(claims));
    return claims;
  }

  private Instant expiresAt(TokenClaims claims) {
    Instant end = endsAt(claims);
    return claims.expiresAt().isBefore(end) ? claims.expiresAt() : end;
  }

  /** What the server allows may have become less since the token was issued. */
  private Instant endsAt(TokenClaims claims) {
    Instant latest = claims.createdAt().plus(longest);
    return claims.endsAt().isBefore(latest) ? claims.endsAt() : latest;
  }

  private void requireInTime(Instant expiresAt) throws AuthException {
    if (!clock.instant().isBefore(expiresAt)) {
      throw AuthException.tokenExpired();
    }
  }

  private Caller caller(TokenClaims claims, Standing standing) {
    return new Caller(
        claims.identityId(),
        standing.name(),
        organisation,
        claims.tokenId(),
        standing.organisationRole(),
        standing.roles());
  }

  /**
   * Who has the token and from where it may be used, all as of one moment.
   *
   * @throws AuthException if it may not be used at all: nobody has it, or no longer
   */
  private Standing standing(TokenClaims claims) throws AuthException {
    if (!claims.organisationId().equals(organisation)) {
      throw AuthException.tokenUnknown();
    }
    return tables
        .read(session -> standing(session, claims))
        .orElseThrow(AuthException::tokenUnknown);
  }

  private static Optional<Standing> standing(Session session, TokenClaims claims)
      throws SQLException {
    Map<String, Role> roles = new HashMap<>();
    return session
        .all(
            STANDING,
            row -> standing(row, roles),
            claims.clientSecretId().toString(),
            claims.identityId().toString(),
            claims.tokenId().toString())
        .stream()
        .findFirst();
  }

  /** One row for each project of the identity, or one without a project. */
  private static Standing standing(ResultSet row, Map<String, Role> roles) throws SQLException {
    String project = row.getString(4);
    if (project != null) {
      roles.put(project, Role.of(row.getString(5)));
    }
    return new Standing(
        Networks.stored(row.getString(1)),
        row.getString(2),
        OrganisationRole.of(row.getString(3)),
        roles);
  }

  private int beginCount(Session session, TokenClaims claims) throws SQLException {
    session.update(FORGET_COUNTED, clock.millis());
    return session.update(
        "INSERT INTO auth_counted_token (token_id, uses, max_uses, expires_at)"
            + " VALUES (?, 0, ?, ?)",
        claims.tokenId().toString(),
        claims.maxUses(),
        claims.endsAt().toEpochMilli());
  }

  /** Counts and compares in one statement: two requests at once cannot both be the last. */
  private static boolean countUse(Session session, UUID token) throws SQLException {
    return session.update(COUNT_USE, token.toString()) == 1;
  }

  private static boolean mayBeUsed(Session session, TokenClaims claims) throws SQLException {
    return session
        .one(
            "SELECT 1 FROM auth_counted_token WHERE token_id = ? AND uses < max_uses",
            row -> row.getInt(1),
            claims.tokenId().toString())
        .isPresent();
  }

  private void revoke(TokenClaims claims) {
    tables.change(
        session -> {
          session.update(FORGET_REVOKED, clock.millis());
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
