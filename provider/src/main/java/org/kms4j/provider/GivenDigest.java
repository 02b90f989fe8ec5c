package org.kms4j.provider;

import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What {@code NONEwithRSA} and {@code NONEwithECDSA} sign: a digest that the caller has computed.
 *
 * <p>Threat: who may have anything put under the private key's bare operation can build signatures
 * that it was never asked for. So to be signed it must be just what it is meant to be: for ECDSA
 * the 32, 48 or 64 bytes of a SHA-2 digest; for RSA the DigestInfo of one. To be verified it may be
 * anything, since a signature over something else is simply not ours.
 *
 * <p>For use by one thread.
 */
final class GivenDigest {
  private static final List<Integer> DIGEST_BYTES = List.of(32, 48, 64);

  /** DigestInfo of SHA-256, SHA-384 and SHA-512 up to the digest; RFC 8017, section 9.2. */
  private static final List<byte[]> HEADERS =
      List.of(
          HexFormat.of().parseHex("3031300d060960864801650304020105000420"),
          HexFormat.of().parseHex("3041300d060960864801650304020205000430"),
          HexFormat.of().parseHex("3051300d060960864801650304020305000440"));

  private static final int MAX_BYTES = 19 + 64;

  private final boolean wrapped;
  private final byte[] bytes = new byte[MAX_BYTES];

  /** Counts what does not fit, too. */
  private long size;

  private GivenDigest(boolean wrapped) {
    this.wrapped = wrapped;
  }

  /** A digest as it is. */
  static GivenDigest bare() {
    return new GivenDigest(false);
  }

  /** A digest in a DigestInfo. */
  static GivenDigest wrapped() {
    return new GivenDigest(true);
  }

  void append(byte[] from, int offset, int length) {
    if (size < MAX_BYTES) {
      System.arraycopy(from, offset, bytes, (int) size, (int) Math.min(length, MAX_BYTES - size));
    }
    size += length;
  }

  /** Whether all of it is here; what does not fit is no digest. */
  boolean fits() {
    return size <= MAX_BYTES;
  }

  /** The bytes, which are forgotten. */
  byte[] take() {
    byte[] taken = Arrays.copyOf(bytes, (int) Math.min(size, MAX_BYTES));
    clear();
    return taken;
  }

  /** The bytes to be signed, which are forgotten. */
  byte[] takeToSign() throws SignatureException {
    long given = size;
    byte[] taken = take();
    if (given > MAX_BYTES || !(wrapped ? isDigestInfo(taken) : isDigest(taken.length))) {
      throw new SignatureException(
          wrapped
              ? "NONEwithRSA signs a DigestInfo of SHA-256, SHA-384 or SHA-512 and nothing else"
              : "NONEwithECDSA signs a digest of 32, 48 or 64 bytes, given are " + given);
    }
    return taken;
  }

  void clear() {
    Arrays.fill(bytes, (byte) 0);
    size = 0;
  }

  private static boolean isDigest(int length) {
    return DIGEST_BYTES.contains(length);
  }

  private static boolean isDigestInfo(byte[] bytes) {
    return HEADERS.stream()
        .anyMatch(
            header ->
                bytes.length == header.length + header[header.length - 1]
                    && Arrays.equals(bytes, 0, header.length, header, 0, header.length));
  }
}
