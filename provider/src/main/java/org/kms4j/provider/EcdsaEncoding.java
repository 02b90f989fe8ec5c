package org.kms4j.provider;

/**
 * Whether bytes are an ECDSA signature in DER, {@code SEQUENCE { INTEGER r, INTEGER s }}, and
 * nothing near it. The JDK also takes numbers that miss their leading zero, so that one signature
 * has several spellings. Source: RFC 3279, section 2.2.3; X.690, section 8.3.2.
 */
final class EcdsaEncoding {
  private static final int SEQUENCE = 0x30;
  private static final int INTEGER = 0x02;

  /** One byte of length follows. */
  private static final int LONG_FORM = 0x81;

  private static final int MAX_SHORT_FORM = 0x7f;

  private EcdsaEncoding() {}

  static boolean isDer(byte[] signature) {
    if (signature.length < 2 || signature[0] != SEQUENCE) {
      return false;
    }
    boolean isLong = Byte.toUnsignedInt(signature[1]) == LONG_FORM;
    int start = isLong ? 3 : 2;
    if (signature.length < start) {
      return false;
    }
    int length = Byte.toUnsignedInt(signature[start - 1]);
    if (length != signature.length - start || isLong != length > MAX_SHORT_FORM) {
      return false;
    }
    int middle = integerEnd(signature, start);
    return middle > 0 && integerEnd(signature, middle) == signature.length;
  }

  /** Where the number that begins here ends; 0 if none does. */
  private static int integerEnd(byte[] bytes, int start) {
    if (bytes.length < start + 3 || bytes[start] != INTEGER) {
      return 0;
    }
    int length = bytes[start + 1];
    int end = start + 2 + length;
    if (length < 1 || end > bytes.length) {
      return 0;
    }
    boolean negative = bytes[start + 2] < 0;
    boolean tooLong = length > 1 && bytes[start + 2] == 0 && bytes[start + 3] >= 0;
    return negative || tooLong ? 0 : end;
  }
}
