package org.kms4j.benchmarks.peer;

import java.security.GeneralSecurityException;

/**
 * One key at one peer, with what its threads share; hands each thread a {@link Sealer} of its own.
 *
 * <p>Safe for use by many threads.
 */
@FunctionalInterface
public interface Sealers {
  /**
   * A sealer for the calling thread.
   *
   * @param aad goes into every message; none if empty
   */
  Sealer of(byte[] aad) throws GeneralSecurityException;
}
