package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;

/**
 * The material of a new key version: drawn, or given by who moves here. What it returns is the
 * caller's to wipe.
 */
final class NewMaterial {
  /** What an HMAC key may have when it is imported, as Infisical KMS allows. */
  static final int MIN_HMAC_BYTES = 16;

  static final int MAX_HMAC_BYTES = 1_024;

  private NewMaterial() {}

  /** New material; an RSA pair takes seconds. */
  static byte[] draw(KeyAlgorithm algorithm, SecureRandom random) {
    if (algorithm.isKeyPair()) {
      return NewKeyPair.generate(algorithm, random);
    }
    byte[] material = new byte[algorithm.materialBytes()];
    random.nextBytes(material);
    return material;
  }

  /**
   * A copy of the given material, in the form that we keep. Refusals have the API's texts, which
   * scripts compare.
   *
   * @throws InvalidKeyException if the algorithm does not take it
   */
  static byte[] imported(KeyAlgorithm algorithm, byte[] given) throws InvalidKeyException {
    if (algorithm.isKeyPair()) {
      return NewKeyPair.imported(algorithm, given);
    }
    boolean hmac = algorithm.usage() == KeyUsage.GENERATE_VERIFY_MAC;
    if (hmac && (given.length < MIN_HMAC_BYTES || given.length > MAX_HMAC_BYTES)) {
      throw new InvalidKeyException(
          "Invalid HMAC key material length. Expected between %d and %d bytes, got %d."
              .formatted(MIN_HMAC_BYTES, MAX_HMAC_BYTES, given.length));
    }
    if (!hmac && given.length != algorithm.materialBytes()) {
      throw new InvalidKeyException(
          "Invalid key material length for %s. Expected %d bytes, got %d."
              .formatted(algorithm.text(), algorithm.materialBytes(), given.length));
    }
    return given.clone();
  }
}
