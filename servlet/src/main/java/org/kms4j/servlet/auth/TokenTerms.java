package org.kms4j.servlet.auth;

/**
 * On what terms an identity logs in, and its access tokens serve.
 *
 * @param lifetime how long a token lives
 * @param maxUses requests that a token is good for, however often renewed; 0 for any number
 * @param loginFrom from where the identity may log in
 * @param tokenFrom from where a token may be used
 */
public record TokenTerms(
    TokenLifetime lifetime, long maxUses, Networks loginFrom, Networks tokenFrom) {
  public TokenTerms {
    if (maxUses < 0) {
      throw new IllegalArgumentException("number of uses " + maxUses);
    }
  }

  /** Terms that limit nothing but the time. */
  public static TokenTerms of(TokenLifetime lifetime) {
    return new TokenTerms(lifetime, 0, Networks.ANYWHERE, Networks.ANYWHERE);
  }
}
