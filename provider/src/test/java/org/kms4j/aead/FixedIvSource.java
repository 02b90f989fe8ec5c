package org.kms4j.aead;

/**
 * Gives chosen bytes as IVs, the same for every message: for known answers, and to compare two ways
 * to seal one message.
 */
public class FixedIvSource extends IvSource {
  private final byte[] bytes;

  /** Gives the first bytes of these, as many as are asked for. */
  public FixedIvSource(byte... bytes) {
    this.bytes = bytes.clone();
  }

  @Override
  void fill(byte[] to) {
    System.arraycopy(bytes, 0, to, 0, to.length);
  }

  @Override
  int batch() {
    return 1;
  }
}
