package org.kms4j.aead;

/**
 * A drawn IV, good for one seal.
 *
 * <p>Threat: two messages under one key and IV give away both and the authentication key. Only
 * {@link IvSource} makes one of these, and the second use of one is refused.
 *
 * <p>For use by one thread.
 */
public final class Iv {
  private final byte[] bytes;
  private boolean used;

  Iv(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A copy; an IV is not secret. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Writes the IV into a message. */
  public void copyTo(byte[] to, int offset) {
    System.arraycopy(bytes, 0, to, offset, bytes.length);
  }

  /** The bytes themselves, once. */
  byte[] use() {
    if (used) {
      throw new AssertionError("an IV was about to be used twice");
    }
    used = true;
    return bytes;
  }

  /** Takes {@link #use} back: nothing was computed under it. */
  void giveBack() {
    used = false;
  }
}
