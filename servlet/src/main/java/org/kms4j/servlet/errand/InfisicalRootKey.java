package org.kms4j.servlet.errand;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The root key of an Infisical database, which opens the keys in it: 32 bytes, wrapped in a row
 * under the key that the server has in its environment.
 *
 * <p>All wraps are AES-256-GCM without AAD: IV (12) ‖ ciphertext ‖ tag (16). Nothing binds one to
 * its row, so who can write to that database can exchange keys in it.
 *
 * <p>For use by one thread. It stays in memory until it is collected.
 */
final class InfisicalRootKey {
  static final String VARIABLE = "ENCRYPTION_KEY";
  static final String OTHER_VARIABLE = "ROOT_ENCRYPTION_KEY";

  private static final int KEY_BYTES = 32;
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int MIN_WRAP_BYTES = IV_BYTES + TAG_BITS / Byte.SIZE;

  private final SecretKeySpec key;

  private InfisicalRootKey(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /**
   * Opens the first of these wraps that opens. There are several while the key in the environment
   * is being exchanged for another; all hold the same root key.
   *
   * @throws IllegalArgumentException if none does, or the environment has no such key
   */
  static InfisicalRootKey open(Map<String, String> environment, List<byte[]> wraps) {
    String variable = variable(environment);
    byte[] outer = outerKey(variable, environment.getOrDefault(variable, ""));
    InfisicalRootKey wrapping = new InfisicalRootKey(outer);
    Arrays.fill(outer, (byte) 0);
    for (byte[] wrap : wraps) {
      try {
        byte[] root = wrapping.unwrap(wrap);
        if (root.length == KEY_BYTES) {
          InfisicalRootKey opened = new InfisicalRootKey(root);
          Arrays.fill(root, (byte) 0);
          return opened;
        }
      } catch (AEADBadTagException e) {
        // Another row may be the one.
      }
    }
    throw new IllegalArgumentException(variable + " does not open the root key of this database");
  }

  /** As Infisical chooses where both are set. */
  private static String variable(Map<String, String> environment) {
    for (String name : List.of(VARIABLE, OTHER_VARIABLE)) {
      if (!environment.getOrDefault(name, "").isEmpty()) {
        return name;
      }
    }
    throw new IllegalArgumentException(
        "the environment has neither " + VARIABLE + " nor " + OTHER_VARIABLE);
  }

  /** ENCRYPTION_KEY is 32 characters, in FIPS mode the base64 of 32 bytes; the other is base64. */
  private static byte[] outerKey(String variable, String value) {
    byte[] characters = value.getBytes(StandardCharsets.UTF_8);
    if (variable.equals(VARIABLE) && characters.length == KEY_BYTES) {
      return characters;
    }
    return decoded(value)
        .filter(bytes -> bytes.length == KEY_BYTES)
        .orElseThrow(
            () -> new IllegalArgumentException(variable + " is no key of " + KEY_BYTES + " bytes"));
  }

  private static Optional<byte[]> decoded(String base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64.strip()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * What was wrapped under this key.
   *
   * @return the caller's to wipe
   * @throws AEADBadTagException if it was not, or was changed
   */
  byte[] unwrap(byte[] wrap) throws AEADBadTagException {
    if (wrap.length < MIN_WRAP_BYTES) {
      throw new AEADBadTagException();
    }
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, wrap, 0, IV_BYTES));
      return cipher.doFinal(wrap, IV_BYTES, wrap.length - IV_BYTES);
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has AES-GCM", e);
    }
  }
}
