package org.kms4j.aead;

import java.util.Arrays;

/**
 * The IV of one user's next message: drawn, good for one seal, drawn anew.
 *
 * <p>Who draws often is given {@link IvSource#batch} IVs at a time, so that most draws cost no more
 * than a copy. What was not drawn yet when the source is freshened is thrown away.
 *
 * <p>Threat: two messages under one key and IV give away both and the authentication key. Only
 * {@link IvSource} makes one of these; the second use without a draw is refused. So is one that was
 * drawn before {@link IvSource#reseed}: a copy of this process may have it too.
 *
 * <p>For use by one thread.
 */
public final class Iv {
  private static final byte[] NONE = new byte[0];

  private final IvSource source;
  private IvSource.Era era;
  private int freshness;
  private byte[] batch = NONE;

  /** The IV in force is {@code batch[at, at + length)}. */
  private int at;

  private int length;
  private boolean used = true;

  Iv(IvSource source) {
    this.source = source;
    this.era = source.era();
  }

  /** Draws the next one, of {@code bytes} bytes. */
  public void draw(int bytes) {
    int next = at + length;
    if (next + bytes > batch.length || freshness != source.freshness()) {
      refill(bytes);
      next = 0;
    }
    at = next;
    length = bytes;
    used = false;
  }

  /** Draws the next one, as long as the one before. */
  public void drawNext() {
    draw(length);
  }

  private void refill(int bytes) {
    // First these: what a reseeding overtakes counts as drawn before it.
    era = source.era();
    freshness = source.freshness();
    // The first is drawn alone: most who draw one draw no other.
    batch = new byte[batch.length == 0 ? bytes : bytes * source.batch()];
    source.fill(batch);
  }

  /** Gives up the one in force. */
  public void clear() {
    at += length;
    length = 0;
    used = true;
  }

  /** Ends the permission to seal under the one in force, which can still be told. */
  public void end() {
    used = true;
  }

  /** Whether one is in force and not used. */
  public boolean fresh() {
    return !used;
  }

  /** Whether one is in force, used or not. */
  public boolean drawn() {
    return length > 0;
  }

  /** A copy; an IV is not secret. */
  public byte[] bytes() {
    return Arrays.copyOfRange(batch, at, at + length);
  }

  /** Writes the IV into a message. */
  public void copyTo(byte[] to, int offset) {
    System.arraycopy(batch, at, to, offset, length);
  }

  /** Permits one seal under {@code length} bytes of {@link #array} from {@link #offset} on. */
  void use() {
    if (used) {
      throw new AssertionError("an IV was about to be used twice");
    }
    if (era.over()) {
      throw new IllegalStateException(
          "the IV was drawn before the keyring was reseeded: initialise the cipher anew");
    }
    used = true;
  }

  /** Takes {@link #use} back: nothing was computed under it. */
  void giveBack() {
    used = false;
  }

  byte[] array() {
    return batch;
  }

  int offset() {
    return at;
  }
}
