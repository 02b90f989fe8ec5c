package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.Key;
import java.util.Arrays;
import java.util.Locale;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;

/**
 * A {@code SecretKey} that was made elsewhere and moves here: its bytes, and which algorithm of
 * ours it is for. Closing it wipes the copy; the original is the caller's.
 *
 * <p>For use by one thread.
 */
final class ForeignKey implements AutoCloseable {
  private final KeyAlgorithm algorithm;
  private final byte[] material;

  private ForeignKey(KeyAlgorithm algorithm, byte[] material) {
    this.algorithm = algorithm;
    this.material = material;
  }

  /**
   * Takes a copy of the key.
   *
   * @throws InvalidKeyException if it is no secret key, shows no bytes, or nothing of ours fits it
   */
  static ForeignKey of(@Nullable Key key) throws InvalidKeyException {
    if (key instanceof KmsKey handle) {
      // Naming it here would be fatal under keytool -changealias, which deletes the old alias next.
      throw new InvalidKeyException("key " + handle.keyId() + " is a key of KMS already");
    }
    if (!(key instanceof SecretKey)) {
      String what = key == null ? "no key" : "a " + key.getClass().getName();
      throw new InvalidKeyException("KMS imports a SecretKey, given is " + what);
    }
    byte[] material = "RAW".equals(key.getFormat()) ? key.getEncoded() : null;
    if (material == null) {
      throw new InvalidKeyException("the key has no RAW encoding");
    }
    boolean known = false;
    try {
      ForeignKey foreign = new ForeignKey(algorithm(key.getAlgorithm(), material.length), material);
      known = true;
      return foreign;
    } finally {
      if (!known) {
        Arrays.fill(material, (byte) 0);
      }
    }
  }

  /** By the name of the JCA: "AES" with the size; else our name, but for letter case, - and _. */
  private static KeyAlgorithm algorithm(String name, int bytes) throws InvalidKeyException {
    boolean aes = name.equalsIgnoreCase("AES");
    String wanted = bare(aes ? "aes-" + bytes * Byte.SIZE + "-gcm" : name);
    return Arrays.stream(KeyAlgorithm.values())
        .filter(ours -> ours.usage() != KeyUsage.SIGN_VERIFY)
        .filter(ours -> bare(ours.text()).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidKeyException(
                    "no algorithm of KMS fits a key for '%s' of %d bytes".formatted(name, bytes)));
  }

  private static String bare(String name) {
    return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
  }

  KeyAlgorithm algorithm() {
    return algorithm;
  }

  /** Not a copy. */
  byte[] material() {
    return material;
  }

  @Override
  public void close() {
    Arrays.fill(material, (byte) 0);
  }
}
