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
  AES_256_GCM("aes-256-gcm", KeyUsage.ENCRYPT_DECRYPT, "AES", 32),

  /** AES-128-GCM with random 96-bit IVs, NIST SP 800-38D; Infisical's bytes. */
  AES_128_GCM("aes-128-gcm", KeyUsage.ENCRYPT_DECRYPT, "AES", 16),

  /**
   * XAES-256-GCM, C2SP, with key commitment: random 192-bit nonces, safe for 2^80 messages, bound
   * to key id and version.
   */
  XAES_256_GCM("xaes-256-gcm", KeyUsage.ENCRYPT_DECRYPT, "XAES-256-GCM", 32),

  /** RSA with a modulus of 4,096 bits, RFC 8017: RSASSA-PSS and RSASSA-PKCS1-v1_5. */
  RSA_4096("RSA_4096", "RSA"),

  /** ECDSA over NIST's curve P-256, FIPS 186-5. */
  ECC_NIST_P256("ECC_NIST_P256", "EC"),

  /** ECDSA over NIST's curve P-384, FIPS 186-5. */
  ECC_NIST_P384("ECC_NIST_P384", "EC"),

  /** ECDSA over NIST's curve P-521, FIPS 186-5. */
  ECC_NIST_P521("ECC_NIST_P521", "EC"),

  /** ML-DSA-44, FIPS 204. */
  ML_DSA_44("ML_DSA_44", "ML-DSA"),

  /** ML-DSA-65, FIPS 204. */
  ML_DSA_65("ML_DSA_65", "ML-DSA"),

  /** ML-DSA-87, FIPS 204. */
  ML_DSA_87("ML_DSA_87", "ML-DSA"),

  /** HMAC with SHA-1, RFC 2104 and FIPS 198-1; for what cannot do better. */
  HMAC_SHA_1("HMAC_SHA_1", KeyUsage.GENERATE_VERIFY_MAC, "HmacSHA1", 20),

  /** HMAC with SHA-224, RFC 2104 and FIPS 198-1. */
  HMAC_SHA_224("HMAC_SHA_224", KeyUsage.GENERATE_VERIFY_MAC, "HmacSHA224", 28),

  /** HMAC with SHA-256, RFC 2104 and FIPS 198-1. */
  HMAC_SHA_256("HMAC_SHA_256", KeyUsage.GENERATE_VERIFY_MAC, "HmacSHA256", 32),

  /** HMAC with SHA-384, RFC 2104 and FIPS 198-1. */
  HMAC_SHA_384("HMAC_SHA_384", KeyUsage.GENERATE_VERIFY_MAC, "HmacSHA384", 48),

  /** HMAC with SHA-512, RFC 2104 and FIPS 198-1. */
  HMAC_SHA_512("HMAC_SHA_512", KeyUsage.GENERATE_VERIFY_MAC, "HmacSHA512", 64);

  private final String text;
  private final KeyUsage usage;
  private final String standardName;
  private final int materialBytes;

  /** Of a key that is so many random bytes. */
  KeyAlgorithm(String text, KeyUsage usage, String standardName, int materialBytes) {
    this.text = text;
    this.usage = usage;
    this.standardName = standardName;
    this.materialBytes = materialBytes;
  }

  /** Of a key pair. */
  KeyAlgorithm(String text, String standardName) {
    this(text, KeyUsage.SIGN_VERIFY, standardName, 0);
  }

  /** The spelling in JSON, in the store and in the AAD of a wrapped key. */
  public String text() {
    return text;
  }

  /** The one usage of keys of this algorithm. */
  public KeyUsage usage() {
    return usage;
  }

  /** What the JCA calls such keys: {@code AES}, {@code HmacSHA256}, {@code RSA}, {@code EC}. */
  public String standardName() {
    return standardName;
  }

  /** True for a pair: a private key that signs, and a public key that is for everybody. */
  public boolean isKeyPair() {
    return usage == KeyUsage.SIGN_VERIFY;
  }

  /** The length of the material of a new key, in bytes; 0 for a key pair, which has no such one. */
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
