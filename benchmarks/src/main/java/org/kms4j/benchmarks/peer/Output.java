package org.kms4j.benchmarks.peer;

/** Where a sealer writes its result to. */
@FunctionalInterface
interface Output {
  /** A new array for every result. */
  Output NEW = byte[]::new;

  /** An array of this length. */
  byte[] of(int length);

  /** The same array again for as long as the length is the same: the caller's own. */
  static Output kept() {
    return new Output() {
      private byte[] array = new byte[0];

      @Override
      public byte[] of(int length) {
        if (array.length != length) {
          array = new byte[length];
        }
        return array;
      }
    };
  }
}
