package org.kms4j.key;

/**
 * What a key computes with, for life; it also chooses the message format (FORMAT.md), which a
 * caller never does.
 *
 * <p>The texts are those of the Infisical KMS API, field {@code algorithm}; {@link #XAES_256_GCM}
 * is ours.
 */
public enum KeyAlgorithm {
  /** AES-256-GCM with random 96-bit IVs, NIST SP 800-38D; Infisical's bytes. */
  AES_256_GCM("aes-256-gcm", KeyUsage.ENCRYPT_DECRYPT, 32),

  /** AES-128-GCM with random 96-bit IVs, NIST SP 800-38D; Infisical's bytes. */
  AES_128_GCM("aes-128-gcm", KeyUsage.ENCRYPT_DECRYPT, 16),

  /**
   * XAES-256-GCM, C2SP, with key commitment: random 192-bit nonces, safe for 2^80 messages, bound
   * to key id and version.
   */
  XAES_256_GCM("xaes-256-gcm", KeyUsage.ENCRYPT_DECRYPT, 32),

  /** HMAC with SHA-256, RFC 2104 and FIPS 198-1. */
  HMAC_SHA_256("HMAC_SHA_256", KeyUsage.GENERATE_VERIFY_MAC, 32);

  private final String text;
  private final KeyUsage usage;
  private final int materialBytes;

  KeyAlgorithm(String text, KeyUsage usage, int materialBytes) {
    this.text = text;
    this.usage = usage;
    this.materialBytes = materialBytes;
  }

  /** The spelling in JSON, in the store and in the AAD of a wrapped key. */
  public String text() {
    return text;
  }

  /** The one usage of keys of this algorithm. */
  public KeyUsage usage() {
    return usage;
  }

  /** The exact length of the key material, in bytes. */
  public int materialBytes() {
    return materialBytes;
  }

  /**
   * The algorithm with this exact spelling; throws {@link IllegalArgumentException} for any other.
   */
  public static KeyAlgorithm of(String text) {
    return Texts.find(values(), KeyAlgorithm::text, text, "key algorithm");
  }
}
