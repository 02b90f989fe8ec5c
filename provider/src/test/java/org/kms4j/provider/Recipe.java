package org.kms4j.provider;

import java.util.Arrays;

/**
 * Reads a fuzzer's bytes as choices and then as a change of something good, so that most inputs are
 * near to what is accepted: a fuzzer finds no tag by itself.
 *
 * <p>Format: choice(1) ‖ mode(1) ‖ rest. Mode 0 takes the rest as it is; else the rest is xored
 * over the good bytes from {@code mode} on, and what is longer is appended; 255 cuts off as many
 * bytes as the rest is long.
 */
public final class Recipe {
  private static final int CUT = 255;

  private final byte[] data;

  /** Of the fuzzer's bytes, which may be of any number. */
  public Recipe(byte... data) {
    this.data = data;
  }

  /** A number from 0 to below {@code count}. */
  public int choice(int count) {
    return at(0) % count;
  }

  private int at(int index) {
    return index < data.length ? data[index] & 0xff : 0;
  }

  /** What follows the first two bytes. */
  public byte[] rest() {
    return data.length <= 2 ? new byte[0] : Arrays.copyOfRange(data, 2, data.length);
  }

  /** The second byte. */
  public int mode() {
    return at(1);
  }

  /** The good bytes, changed; perhaps not at all. */
  public byte[] change(byte... good) {
    byte[] rest = rest();
    if (mode() == 0) {
      return rest;
    }
    if (mode() == CUT) {
      return Arrays.copyOf(good, Math.max(0, good.length - rest.length));
    }
    int from = mode() - 1;
    byte[] changed = Arrays.copyOf(good, Math.max(good.length, from + rest.length));
    for (int i = 0; i < rest.length; i++) {
      changed[from + i] ^= rest[i];
    }
    return changed;
  }
}
