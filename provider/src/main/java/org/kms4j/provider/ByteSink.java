package org.kms4j.provider;

import java.security.ProviderException;
import java.util.Arrays;

/**
 * Collects the pieces of a message or of its AAD, and wipes what it no longer needs, also as it
 * grows.
 *
 * <p>For use by one thread.
 */
final class ByteSink {
  private static final byte[] EMPTY = new byte[0];

  /** The JVM's own limit on arrays, less what some JVMs need for a header. */
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private byte[] bytes = EMPTY;
  private int size;

  int size() {
    return size;
  }

  /** The bytes; only the first {@link #size} count. */
  byte[] array() {
    return bytes;
  }

  /** A copy of just the bytes; the same empty array if there are none. */
  byte[] toBytes() {
    return size == 0 ? EMPTY : Arrays.copyOf(bytes, size);
  }

  /** Makes sure that {@code more} bytes would fit into one array. */
  boolean canTake(long more) {
    return more <= MAX_BYTES - size;
  }

  /**
   * Takes more.
   *
   * @throws ProviderException if an array could not hold it; nothing is taken
   */
  void append(byte[] from, int offset, int length) {
    if (!canTake(length)) {
      throw new ProviderException(
          "a message must fit into one array: " + size + " bytes and " + length + " more do not");
    }
    reserve(length);
    System.arraycopy(from, offset, bytes, size, length);
    size += length;
  }

  private void reserve(int more) {
    if (bytes.length - size >= more) {
      return;
    }
    int doubled = (int) Math.min(MAX_BYTES, Math.max(64, 2L * bytes.length));
    byte[] grown = Arrays.copyOf(bytes, Math.max(doubled, size + more));
    Arrays.fill(bytes, 0, size, (byte) 0);
    bytes = grown;
  }

  /** Wipes the last {@code length} bytes. */
  void shrink(int length) {
    Arrays.fill(bytes, size - length, size, (byte) 0);
    size -= length;
  }

  void clear() {
    if (size == 0) {
      return;
    }
    Arrays.fill(bytes, 0, size, (byte) 0);
    bytes = EMPTY;
    size = 0;
  }
}
