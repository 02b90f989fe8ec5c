package org.kms4j.provider;

import java.nio.ByteBuffer;
import java.security.ProviderException;
import java.util.Arrays;
import org.kms4j.aead.WipeableKey;
import org.kms4j.key.KeyAlgorithm;

/**
 * The material of a key pair as bytes: {@code uint32be length of PKCS#8 ‖ PKCS#8 DER ‖ SPKI DER}
 * (FORMAT.md, "Key material"). The public key is kept, so that nobody need compute it; the AAD of
 * the wrap covers both, so that neither can be exchanged.
 */
final class KeyPairLayout {
  private KeyPairLayout() {}

  /** Joins the two; the caller wipes its own private key and the result. */
  static byte[] join(byte[] pkcs8, byte[] spki) {
    return ByteBuffer.allocate(Integer.BYTES + pkcs8.length + spki.length)
        .putInt(pkcs8.length)
        .put(pkcs8)
        .put(spki)
        .array();
  }

  /** The private key's PKCS#8 DER. */
  static WipeableKey privatePart(KeyAlgorithm algorithm, byte[] material) {
    byte[] pkcs8 = privateDer(material);
    try {
      return WipeableKey.of(algorithm.standardName(), pkcs8);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  /** Likewise, as bytes that the caller wipes. */
  static byte[] privateDer(byte[] material) {
    return Arrays.copyOfRange(material, Integer.BYTES, privateEnd(material));
  }

  /** The public key's SPKI DER. */
  static byte[] publicPart(byte[] material) {
    return Arrays.copyOfRange(material, privateEnd(material), material.length);
  }

  private static int privateEnd(byte[] material) {
    int length = material.length < Integer.BYTES ? 0 : ByteBuffer.wrap(material).getInt();
    if (length < 1 || length > material.length - Integer.BYTES) {
      throw new ProviderException("the material of a key pair is not laid out as FORMAT.md says");
    }
    return Integer.BYTES + length;
  }
}
