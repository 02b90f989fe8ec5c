package org.kms4j.benchmarks.peer;

import java.security.GeneralSecurityException;

/**
 * What a peer does with one message, all of it: the IV is drawn, and the result holds all that
 * opening needs.
 *
 * <p>For use by one thread.
 */
public interface Sealer {
  /** The sealed message; a new array, but for the peers {@code …_INTO}. */
  byte[] seal(byte[] plaintext) throws GeneralSecurityException;

  /** The plaintext of what {@link #seal} gave. */
  byte[] open(byte[] message) throws GeneralSecurityException;
}
