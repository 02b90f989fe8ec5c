package org.kms4j.provider;

import org.kms4j.key.KeyAlgorithm;

/** Each format of a sealed message that the contract of the {@code Cipher} is run for. */
enum MessageFormat {
  AES_128_GCM_V01(KeyAlgorithm.AES_128_GCM, 1, 12, 12 + 16 + 3),
  AES_256_GCM_V01(KeyAlgorithm.AES_256_GCM, 1, 12, 12 + 16 + 3),
  AES_256_GCM_V02(KeyAlgorithm.AES_256_GCM, 2, 12, 12 + 16 + 4 + 3),
  XAES_256_GCM_FIRST(KeyAlgorithm.XAES_256_GCM, 1, 24, 77),
  XAES_256_GCM_ROTATED(KeyAlgorithm.XAES_256_GCM, 3, 24, 77);

  final KeyAlgorithm algorithm;
  final int version;
  final int ivBytes;

  /** How many bytes a message is longer than its plaintext. */
  final int overhead;

  MessageFormat(KeyAlgorithm algorithm, int version, int ivBytes, int overhead) {
    this.algorithm = algorithm;
    this.version = version;
    this.ivBytes = ivBytes;
    this.overhead = overhead;
  }
}
