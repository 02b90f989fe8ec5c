package org.kms4j.servlet.auth;

/**
 * What bounds a client secret.
 *
 * @param ttl seconds until it expires, 0 for never
 * @param maxUses logins it is good for, 0 for any number
 */
public record SecretLimits(long ttl, long maxUses) {
  /** A secret that serves until it is revoked. */
  public static final SecretLimits NONE = new SecretLimits(0, 0);

  public SecretLimits {
    if (ttl < 0 || maxUses < 0) {
      throw new IllegalArgumentException("ttl " + ttl + " or number of uses " + maxUses);
    }
  }
}
