package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a foreign key that {@code Cipher.wrap} and {@code unwrap} carry: RAW of a secret
 * key, PKCS#8 of a private one, X.509 of a public one.
 *
 * <p>Threat: a key that must not leave its place. What has no encoding, among it our own handles,
 * is refused.
 */
final class KeyEncoding {
  private KeyEncoding() {}

  /** A copy of the encoding, which the caller wipes. */
  static byte[] of(@Nullable Key key) throws InvalidKeyException {
    byte[] encoded = key == null ? null : key.getEncoded();
    if (encoded == null || encoded.length == 0) {
      String what = key == null ? "no key" : "a " + key.getClass().getName();
      throw new InvalidKeyException("only a key with an encoding can be wrapped, given is " + what);
    }
    return encoded;
  }

  /**
   * The key of this encoding.
   *
   * @param type {@link Cipher#SECRET_KEY}, {@link Cipher#PRIVATE_KEY} or {@link Cipher#PUBLIC_KEY}
   */
  static Key read(byte[] encoded, String algorithm, int type)
      throws InvalidKeyException, NoSuchAlgorithmException {
    try {
      return switch (type) {
        case Cipher.SECRET_KEY -> new SecretKeySpec(encoded, algorithm);
        case Cipher.PRIVATE_KEY ->
            KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        case Cipher.PUBLIC_KEY ->
            KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
        default -> throw new InvalidKeyException("there is no key type " + type);
      };
    } catch (InvalidKeySpecException | IllegalArgumentException e) {
      // Without the cause: its text may show bytes of the key.
      throw new InvalidKeyException("what was wrapped is no " + algorithm + " key");
    }
  }
}
