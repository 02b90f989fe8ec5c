package org.kms4j.provider;

/**
 * How many messages one version of an {@code aes-*-gcm} key may seal, and what happens then.
 *
 * <p>Keys of {@code xaes-256-gcm} have no such limit: their seals are counted for information.
 *
 * <p>Threat: a repeated IV. NIST SP 800-38D, section 8.3, allows 2^32 seals with random IVs under
 * one key; up to there a repetition is less likely than 2^-32.
 *
 * @param seals of one version, by all processes together, from 1 to {@link #MAX_SEALS}
 * @param rotates whether a key whose primary version is spent gets its next version by itself; else
 *     {@code Cipher.init} is a {@link org.kms4j.key.SealLimitException}
 */
public record SealLimit(long seals, boolean rotates) {

  /**
   * 2^32 less 2^24: with sixteen leases of the largest size lost to the count, as by a store that
   * was put back to a moment before them, a version is still within the bound.
   */
  public static final long MAX_SEALS = (1L << 32) - (1L << 24);

  /** Half of what is allowed, 2^31, and rotation by itself. */
  public static final SealLimit DEFAULT = new SealLimit(1L << 31, true);

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if {@code seals} is out of its range
   */
  public SealLimit {
    if (seals < 1 || seals > MAX_SEALS) {
      throw new IllegalArgumentException(
          "a seal limit is from 1 to %d, not %d".formatted(MAX_SEALS, seals));
    }
  }
}
