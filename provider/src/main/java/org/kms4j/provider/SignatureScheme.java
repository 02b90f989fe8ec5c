package org.kms4j.provider;

import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;

/**
 * The signatures that the provider offers, by their standard names, and the keys that each is for.
 */
enum SignatureScheme {
  SHA256_RSA("SHA256withRSA", "RSA"),
  SHA384_RSA("SHA384withRSA", "RSA"),
  SHA512_RSA("SHA512withRSA", "RSA"),
  RSA_PSS("RSASSA-PSS", "RSA"),
  /** PKCS#1 v1.5 over a DigestInfo that the caller gives. */
  GIVEN_RSA("NONEwithRSA", "RSA"),
  SHA256_ECDSA("SHA256withECDSA", "EC"),
  SHA384_ECDSA("SHA384withECDSA", "EC"),
  SHA512_ECDSA("SHA512withECDSA", "EC"),
  /** ECDSA over a digest that the caller gives. */
  GIVEN_ECDSA("NONEwithECDSA", "EC"),
  ML_DSA("ML-DSA", "ML-DSA"),
  ML_DSA_44("ML-DSA-44", KeyAlgorithm.ML_DSA_44),
  ML_DSA_65("ML-DSA-65", KeyAlgorithm.ML_DSA_65),
  ML_DSA_87("ML-DSA-87", KeyAlgorithm.ML_DSA_87);

  private final String standardName;
  private final String keyName;
  private final @Nullable KeyAlgorithm only;

  SignatureScheme(String standardName, String keyName) {
    this.standardName = standardName;
    this.keyName = keyName;
    this.only = null;
  }

  SignatureScheme(String standardName, KeyAlgorithm only) {
    this.standardName = standardName;
    this.keyName = only.standardName();
    this.only = only;
  }

  /** One that every key of this algorithm can make. */
  static SignatureScheme anyOf(KeyAlgorithm algorithm) {
    return switch (algorithm.standardName()) {
      case "RSA" -> SHA256_RSA;
      case "EC" -> SHA256_ECDSA;
      default -> ML_DSA;
    };
  }

  String standardName() {
    return standardName;
  }

  /** What the JCA calls the keys: {@code RSA}, {@code EC} or {@code ML-DSA}. */
  String keyName() {
    return keyName;
  }

  /** Whether a key of this algorithm can make it. */
  boolean isFor(KeyAlgorithm algorithm) {
    return only == null ? algorithm.standardName().equals(keyName) : algorithm == only;
  }
}
