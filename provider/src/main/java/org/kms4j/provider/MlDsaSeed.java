package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.kms4j.key.KeyAlgorithm;

/**
 * The seed of an ML-DSA private key in PKCS#8 DER, as RFC 9881 section 6 has it.
 *
 * <p>The seed is the one form that every implementation can compute the others from, but no two
 * read the same encodings: JDK 24 and 25 know the expanded key alone, and OpenSSL and Bouncy Castle
 * write seed and expanded key. We keep the seed, and have it expanded (FORMAT.md, "Key material").
 */
final class MlDsaSeed {
  /** FIPS 204, section 5.1. */
  static final int BYTES = 32;

  /** PKCS#8 with {@code [0] seed}: SEQUENCE, version 0, OID …3.x, OCTET STRING, [0]. */
  private static final String SEED_HEADER = "3034020100300b0609608648016503040%s04228020";

  /** PKCS#8 with {@code SEQUENCE { seed, expanded key }}, up to the seed. */
  private static final String BOTH_HEADER =
      "3082%04x020100300b0609608648016503040%s0482%04x3082%04x0420";

  /** NIST's register, without its last digits. */
  private static final String OBJECT_IDENTIFIER = "0609608648016503040";

  /** Where it ends at the latest: behind SEQUENCE, version and SEQUENCE. */
  private static final int OBJECT_IDENTIFIER_END_BYTES = 4 + 3 + 2 + 11;

  private static final int HEADER_OF_EXPANDED_BYTES = 4;

  private static final List<KeyAlgorithm> ALL =
      List.of(KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87);

  private MlDsaSeed() {}

  /** PKCS#8 DER that holds this seed. */
  static byte[] encode(KeyAlgorithm algorithm, byte[] seed) {
    byte[] header = seedHeader(algorithm);
    byte[] pkcs8 = Arrays.copyOf(header, header.length + BYTES);
    System.arraycopy(seed, 0, pkcs8, header.length, BYTES);
    return pkcs8;
  }

  /**
   * The seed in this PKCS#8 DER, by itself or before the expanded key; the caller wipes it.
   *
   * @throws InvalidKeyException if it is of another algorithm, or holds no seed
   */
  static byte[] decode(KeyAlgorithm algorithm, byte[] pkcs8) throws InvalidKeyException {
    byte[] alone = seedHeader(algorithm);
    byte[] both = bothHeader(algorithm);
    if (pkcs8.length == alone.length + BYTES && startsWith(pkcs8, alone)) {
      return Arrays.copyOfRange(pkcs8, alone.length, pkcs8.length);
    }
    if (pkcs8.length == bothBytes(algorithm) && startsWith(pkcs8, both)) {
      return Arrays.copyOfRange(pkcs8, both.length, both.length + BYTES);
    }
    throw refusal(algorithm, pkcs8);
  }

  private static InvalidKeyException refusal(KeyAlgorithm algorithm, byte[] pkcs8) {
    Optional<KeyAlgorithm> found = ALL.stream().filter(one -> isOf(one, pkcs8)).findFirst();
    if (found.isEmpty()) {
      return new InvalidKeyException(
          "Invalid private key material. Expected a PKCS8 DER-encoded private key.");
    }
    return new InvalidKeyException(
        found.get() == algorithm
            ? algorithm.text() + " wants PKCS#8 DER that holds the seed"
            : "Key material does not match the declared algorithm. Expected %s but the key is %s."
                .formatted(algorithm.text(), found.get().text()));
  }

  /** Whether it begins as PKCS#8 of this algorithm does, in whatever form the key is. */
  private static boolean isOf(KeyAlgorithm algorithm, byte[] pkcs8) {
    String start =
        HexFormat.of().formatHex(pkcs8, 0, Math.min(pkcs8.length, OBJECT_IDENTIFIER_END_BYTES));
    return start.startsWith("30") && start.contains(OBJECT_IDENTIFIER + oidEnd(algorithm));
  }

  /** The expanded key in this PKCS#8 DER; none where it holds the seed alone. */
  static byte[] expandedPart(KeyAlgorithm algorithm, byte[] pkcs8) {
    int length = expandedBytes(algorithm);
    return pkcs8.length < length
        ? new byte[0]
        : Arrays.copyOfRange(pkcs8, pkcs8.length - length, pkcs8.length);
  }

  private static byte[] seedHeader(KeyAlgorithm algorithm) {
    return HexFormat.of().parseHex(SEED_HEADER.formatted(oidEnd(algorithm)));
  }

  private static byte[] bothHeader(KeyAlgorithm algorithm) {
    int inner = 2 + BYTES + HEADER_OF_EXPANDED_BYTES + expandedBytes(algorithm);
    int octets = inner + 4;
    int outer = octets + 4 + 16;
    return HexFormat.of().parseHex(BOTH_HEADER.formatted(outer, oidEnd(algorithm), octets, inner));
  }

  private static int bothBytes(KeyAlgorithm algorithm) {
    return bothHeader(algorithm).length
        + BYTES
        + HEADER_OF_EXPANDED_BYTES
        + expandedBytes(algorithm);
  }

  /** The end of the object identifier; NIST's register, id-ml-dsa-44 and its siblings. */
  private static String oidEnd(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ML_DSA_44 -> "311";
      case ML_DSA_65 -> "312";
      case ML_DSA_87 -> "313";
      default -> throw new AssertionError(algorithm);
    };
  }

  /** FIPS 204, table 2. */
  private static int expandedBytes(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ML_DSA_44 -> 2_560;
      case ML_DSA_65 -> 4_032;
      case ML_DSA_87 -> 4_896;
      default -> throw new AssertionError(algorithm);
    };
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }
}
