package org.kms4j.servlet.auth;

import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.UUID;

/**
 * What an access token says.
 *
 * @param tokenId the same in all renewals of one token, so that revoking ends them all
 * @param identityId whose it is
 * @param clientSecretId what was logged in with
 * @param organisationId the organisation
 * @param createdAt when it was first issued, to the millisecond
 * @param issuedAt when this renewal was issued
 * @param lifetime how long it lives
 * @param maxUses requests that it is good for, with all renewals; 0 for any number
 */
record TokenClaims(
    UUID tokenId,
    UUID identityId,
    UUID clientSecretId,
    UUID organisationId,
    Instant createdAt,
    Instant issuedAt,
    TokenLifetime lifetime,
    long maxUses) {
  private static final String TYPE = "identityAccessToken";
  private static final String MAX_USES = "accessTokenNumUsesLimit";

  Instant expiresAt() {
    // A JWT knows whole seconds; rounding down never makes a token live longer than it may.
    Instant begin = (lifetime.ttl() == 0 ? createdAt : issuedAt).truncatedTo(ChronoUnit.SECONDS);
    return begin.plusSeconds(lifetime.ttl() == 0 ? lifetime.maxTtl() : lifetime.ttl());
  }

  /** The times left at issue. */
  TokenLifetime granted() {
    long left = expiresAt().getEpochSecond() - issuedAt.getEpochSecond();
    return new TokenLifetime(left, lifetime.maxTtl());
  }

  /** No renewal lives longer than this. */
  Instant endsAt() {
    return createdAt.plusSeconds(lifetime.maxTtl());
  }

  TokenClaims renewed(Instant now) {
    return new TokenClaims(
        tokenId, identityId, clientSecretId, organisationId, createdAt, now, lifetime, maxUses);
  }

  JWTClaimsSet toJwt() {
    JWTClaimsSet.Builder jwt = new JWTClaimsSet.Builder();
    if (maxUses > 0) {
      jwt.claim(MAX_USES, maxUses);
    }
    return jwt.claim("identityId", identityId.toString())
        .claim("clientSecretId", clientSecretId.toString())
        .claim("identityAccessTokenId", tokenId.toString())
        .claim("authTokenType", TYPE)
        .jwtID(UUID.randomUUID().toString())
        .claim("orgId", organisationId.toString())
        .claim("rootOrgId", organisationId.toString())
        .claim("parentOrgId", organisationId.toString())
        .claim("createdAt", createdAt.toEpochMilli())
        .claim("accessTokenTTL", lifetime.ttl())
        .claim("accessTokenMaxTTL", lifetime.maxTtl())
        .issueTime(Date.from(issuedAt))
        .expirationTime(Date.from(expiresAt()))
        .build();
  }

  /**
   * Reads what {@link #toJwt} wrote.
   *
   * @throws AuthException if something else was signed under our key
   */
  static TokenClaims of(JWTClaimsSet jwt) throws AuthException {
    try {
      if (!TYPE.equals(jwt.getStringClaim("authTokenType"))) {
        throw AuthException.tokenUnknown();
      }
      return new TokenClaims(
          uuid(jwt, "identityAccessTokenId"),
          uuid(jwt, "identityId"),
          uuid(jwt, "clientSecretId"),
          uuid(jwt, "orgId"),
          Instant.ofEpochMilli(number(jwt, "createdAt")),
          jwt.getIssueTime().toInstant(),
          new TokenLifetime(number(jwt, "accessTokenTTL"), number(jwt, "accessTokenMaxTTL")),
          jwt.getClaims().containsKey(MAX_USES) ? number(jwt, MAX_USES) : 0);
    } catch (ParseException | IllegalArgumentException | NullPointerException e) {
      throw AuthException.tokenUnknown();
    }
  }

  private static UUID uuid(JWTClaimsSet jwt, String claim) throws ParseException {
    return UUID.fromString(jwt.getStringClaim(claim));
  }

  private static long number(JWTClaimsSet jwt, String claim) throws ParseException {
    return jwt.getLongClaim(claim);
  }
}
