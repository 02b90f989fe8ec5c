package org.kms4j.servlet.route;

import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.kms4j.key.KeyAlgorithm;

/**
 * What a signature is made by; names and order are the API's.
 *
 * <p>Sources: RFC 8017 for RSA (the salt of PSS is as long as the digest), FIPS 186-5 for ECDSA, in
 * DER; FIPS 204 for ML-DSA, with an empty context.
 */
enum SigningAlgorithm {
  RSASSA_PSS_SHA_512(Kind.RSA_PSS, 512),
  RSASSA_PSS_SHA_384(Kind.RSA_PSS, 384),
  RSASSA_PSS_SHA_256(Kind.RSA_PSS, 256),
  RSASSA_PKCS1_V1_5_SHA_512(Kind.RSA_PKCS1, 512),
  RSASSA_PKCS1_V1_5_SHA_384(Kind.RSA_PKCS1, 384),
  RSASSA_PKCS1_V1_5_SHA_256(Kind.RSA_PKCS1, 256),
  ECDSA_SHA_512(Kind.ECDSA, 512),
  ECDSA_SHA_384(Kind.ECDSA, 384),
  ECDSA_SHA_256(Kind.ECDSA, 256),
  ML_DSA_44(Kind.ML_DSA, 0),
  ML_DSA_65(Kind.ML_DSA, 0),
  ML_DSA_87(Kind.ML_DSA, 0);

  /** Padding or encoding. */
  private enum Kind {
    RSA_PSS,
    RSA_PKCS1,
    ECDSA,
    ML_DSA
  }

  static final List<String> NAMES = Arrays.stream(values()).map(SigningAlgorithm::name).toList();

  private final Kind kind;
  private final int digestBits;

  SigningAlgorithm(Kind kind, int digestBits) {
    this.kind = kind;
    this.digestBits = digestBits;
  }

  /** Those that a key of this algorithm can use. */
  static List<SigningAlgorithm> of(KeyAlgorithm key) {
    return Arrays.stream(values()).filter(algorithm -> algorithm.isFor(key)).toList();
  }

  boolean isFor(KeyAlgorithm key) {
    return switch (kind) {
      case RSA_PSS, RSA_PKCS1 -> key.standardName().equals("RSA");
      case ECDSA -> key.standardName().equals("EC");
      case ML_DSA -> name().equals(key.text());
    };
  }

  /** Whether the caller may give the digest in place of the data. */
  boolean takesDigests() {
    return kind == Kind.RSA_PKCS1 || kind == Kind.ECDSA;
  }

  /** As messages call it. */
  String label() {
    return switch (kind) {
      case RSA_PSS -> "RSA PSS";
      case RSA_PKCS1 -> "RSA";
      case ECDSA -> "ECC";
      case ML_DSA -> "ML-DSA";
    };
  }

  /** As messages call it: {@code SHA256}. */
  String digestLabel() {
    return "SHA" + digestBits;
  }

  int digestBytes() {
    return digestBits / Byte.SIZE;
  }

  /** Over data, which it hashes itself. */
  Signature overData(Provider provider) throws NoSuchAlgorithmException {
    Signature signature = Signature.getInstance(standardName(), provider);
    if (kind == Kind.RSA_PSS) {
      String digest = "SHA-" + digestBits;
      try {
        signature.setParameter(
            new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), digestBytes(), 1));
      } catch (InvalidAlgorithmParameterException e) {
        throw new AssertionError("the provider takes these parameters", e);
      }
    }
    return signature;
  }

  private String standardName() {
    return switch (kind) {
      case RSA_PSS -> "RSASSA-PSS";
      case RSA_PKCS1 -> digestLabel() + "withRSA";
      case ECDSA -> digestLabel() + "withECDSA";
      case ML_DSA -> "ML-DSA";
    };
  }

  /** Over what {@link #prepared} makes of a digest. */
  Signature overDigest(Provider provider) throws NoSuchAlgorithmException {
    return Signature.getInstance(kind == Kind.ECDSA ? "NONEwithECDSA" : "NONEwithRSA", provider);
  }

  /** The digest as it is signed: for RSA in a DigestInfo; RFC 8017, section 9.2. */
  byte[] prepared(byte[] digest) {
    if (kind == Kind.ECDSA) {
      return digest;
    }
    int oid = digestBits == 256 ? 1 : digestBits == 384 ? 2 : 3;
    byte[] header =
        HexFormat.of()
            .parseHex(
                "30%02x300d060960864801650304020%d050004%02x"
                    .formatted(17 + digestBytes(), oid, digestBytes()));
    byte[] info = Arrays.copyOf(header, header.length + digest.length);
    System.arraycopy(digest, 0, info, header.length, digest.length);
    return info;
  }
}
