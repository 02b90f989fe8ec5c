package org.kms4j.provider;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens our messages from the text of the formats alone, with the JDK's plain AES; shares no line
 * with the provider.
 */
final class ReferenceReader {
  private ReferenceReader() {}

  /** v01 and v02: IV(12) ‖ ciphertext ‖ tag(16) ‖ trailer. */
  static byte[] infisical(byte[] material, byte[] message, byte... aad)
      throws GeneralSecurityException {
    String suffix = new String(message, message.length - 3, 3, StandardCharsets.US_ASCII);
    int trailer = suffix.equals("v02") ? 7 : 3;
    byte[] iv = Arrays.copyOf(message, 12);
    return gcm(material, iv, aad, Arrays.copyOfRange(message, 12, message.length - trailer));
  }

  /** 0x01 ‖ version ‖ N(24) ‖ ciphertext ‖ tag(16) ‖ KC(32). */
  static byte[] xaes(UUID keyId, byte[] material, byte[] message, byte... aad)
      throws GeneralSecurityException {
    ByteBuffer in = ByteBuffer.wrap(message);
    if (in.get() != 1) {
      throw new GeneralSecurityException("format");
    }
    int version = in.getInt();
    byte[] n = new byte[24];
    byte[] sealed = new byte[message.length - 5 - 24 - 32];
    byte[] commitment = new byte[32];
    in.get(n).get(sealed).get(commitment);

    byte[] first = Arrays.copyOf(n, 12);
    byte[] last = Arrays.copyOfRange(n, 12, 24);
    byte[] k1 = doubled(aes(material, new byte[16]));
    byte[] subkey =
        join(
            aes(material, xor(k1, join(new byte[] {0, 1, 'X', 0}, first))),
            aes(material, xor(k1, join(new byte[] {0, 2, 'X', 0}, first))));
    byte[] x1 = aes(material, join("XCMT".getBytes(StandardCharsets.US_ASCII), first));
    byte[] wanted =
        join(
            aes(material, xor(xor(x1, k1), join(last, new byte[] {0, 1, 0, 1}))),
            aes(material, xor(xor(x1, k1), join(last, new byte[] {0, 1, 0, 2}))));
    if (!Arrays.equals(wanted, commitment)) {
      throw new GeneralSecurityException("commitment");
    }
    ByteBuffer bound = ByteBuffer.allocate(7 + 16 + 4 + aad.length);
    bound.put("kms4j/1".getBytes(StandardCharsets.US_ASCII));
    bound.putLong(keyId.getMostSignificantBits()).putLong(keyId.getLeastSignificantBits());
    bound.putInt(version).put(aad);
    return gcm(subkey, last, bound.array(), sealed);
  }

  private static byte[] gcm(byte[] key, byte[] iv, byte[] aad, byte[] sealed)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
    cipher.updateAAD(aad);
    return cipher.doFinal(sealed);
  }

  private static byte[] aes(byte[] key, byte[] block) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding", "SunJCE");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    return cipher.doFinal(block);
  }

  private static byte[] doubled(byte[] l) {
    BigInteger twice = new BigInteger(1, l).shiftLeft(1);
    if (twice.testBit(128)) {
      twice = twice.clearBit(128).xor(BigInteger.valueOf(0x87));
    }
    byte[] bytes = twice.toByteArray();
    byte[] k1 = new byte[16];
    int from = Math.max(0, bytes.length - 16);
    System.arraycopy(bytes, from, k1, 16 - (bytes.length - from), bytes.length - from);
    return k1;
  }

  private static byte[] xor(byte[] a, byte[] b) {
    byte[] c = a.clone();
    for (int i = 0; i < c.length; i++) {
      c[i] ^= b[i];
    }
    return c;
  }

  private static byte[] join(byte[] a, byte[] b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }
}
