package org.kms4j.benchmarks.peer;

import java.io.Serial;
import java.security.SecureRandom;

/**
 * Counts. It never repeats within a run and costs next to nothing: good for a measurement, and for
 * nothing else. For use by one thread.
 */
final class CounterRandom extends SecureRandom {
  @Serial private static final long serialVersionUID = 1L;

  private long counter;

  @Override
  public void nextBytes(byte[] bytes) {
    long value = counter++;
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[i] = (byte) (value >>> (Byte.SIZE * i));
    }
  }
}
