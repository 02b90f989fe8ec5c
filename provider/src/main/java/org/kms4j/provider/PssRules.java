package org.kms4j.provider;

import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which parameters RSASSA-PSS takes here: SHA-256, SHA-384 or SHA-512, MGF1 over the same digest,
 * and a salt no longer than the digest. Source: FIPS 186-5, section 5.4; RFC 8017, section 9.1.
 */
final class PssRules {
  private static final Map<String, Integer> DIGEST_BYTES =
      Map.of("SHA-256", 32, "SHA-384", 48, "SHA-512", 64);

  private PssRules() {}

  /** Refuses what the rules exclude, and says which. */
  static void require(@Nullable AlgorithmParameterSpec params)
      throws InvalidAlgorithmParameterException {
    if (!(params instanceof PSSParameterSpec pss)) {
      throw new InvalidAlgorithmParameterException("RSASSA-PSS wants a PSSParameterSpec");
    }
    Integer digestBytes = DIGEST_BYTES.get(pss.getDigestAlgorithm());
    if (digestBytes == null) {
      throw new InvalidAlgorithmParameterException(
          "RSASSA-PSS is with SHA-256, SHA-384 or SHA-512, not " + pss.getDigestAlgorithm());
    }
    boolean sameDigest =
        pss.getMGFParameters() instanceof MGF1ParameterSpec mgf
            && mgf.getDigestAlgorithm().equals(pss.getDigestAlgorithm());
    if (!pss.getMGFAlgorithm().equals("MGF1") || !sameDigest) {
      throw new InvalidAlgorithmParameterException(
          "RSASSA-PSS is with MGF1 over " + pss.getDigestAlgorithm() + " itself");
    }
    if (pss.getSaltLength() > digestBytes) {
      throw new InvalidAlgorithmParameterException(
          "the salt has at most " + digestBytes + " bytes, not " + pss.getSaltLength());
    }
    if (pss.getTrailerField() != PSSParameterSpec.TRAILER_FIELD_BC) {
      throw new InvalidAlgorithmParameterException(
          "the trailer field is 1, not " + pss.getTrailerField());
    }
  }
}
