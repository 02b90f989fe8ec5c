package org.kms4j.store;

/**
 * What a store answers to who wants to seal under a key version.
 *
 * @param granted how many seals the caller may make now; 0 at the limit
 * @param leased how many the version has leased to all callers so far, these among them
 */
public record SealLease(long granted, long leased) {

  /**
   * The one to give where {@code before} seals are leased already.
   *
   * @throws IllegalArgumentException if less than one seal is wanted: a count never goes down
   */
  public static SealLease of(long before, long wanted, long limit) {
    if (wanted < 1) {
      throw new IllegalArgumentException("a lease of " + wanted + " seals");
    }
    long granted = Math.min(wanted, Math.max(0, limit - before));
    return new SealLease(granted, before + granted);
  }
}
