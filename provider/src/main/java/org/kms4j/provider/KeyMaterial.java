package org.kms4j.provider;

import java.util.UUID;
import org.kms4j.aead.Aead;
import org.kms4j.aead.AesGcm;
import org.kms4j.aead.Engine;
import org.kms4j.aead.WipeableKey;
import org.kms4j.aead.Xaes;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;

/**
 * One key version, unwrapped and ready to compute. Its secret bytes are behind package-private
 * types and leave them for the JDK's engines alone.
 *
 * <p>Safe for use by many threads.
 */
sealed interface KeyMaterial {

  /** Which generation of its key it is. */
  int version();

  /** Wipes the secret. */
  void destroy();

  /** From the bytes, which are copied; the caller wipes its own. */
  static KeyMaterial of(KeyMetadata key, int version, byte[] bytes) {
    Engine engine = Engine.sunJce();
    return switch (key.algorithm()) {
      case AES_256_GCM, AES_128_GCM -> sealing(key, version, AesGcm.of(engine, bytes));
      case XAES_256_GCM -> sealing(key, version, Xaes.of(engine, bytes));
      case HMAC_SHA_256 -> new Authenticating(version, WipeableKey.of("HmacSHA256", bytes));
    };
  }

  private static Sealing sealing(KeyMetadata key, int version, Aead aead) {
    return new Sealing(key.id(), version, key.algorithm(), aead);
  }

  /**
   * Of a key for encrypt-decrypt.
   *
   * @param algorithm chooses the message format
   */
  record Sealing(UUID keyId, int version, KeyAlgorithm algorithm, Aead aead)
      implements KeyMaterial {
    @Override
    public void destroy() {
      aead.destroy();
    }

    @Override
    public String toString() {
      return "KeyMaterial[" + keyId + ", version " + version + "]";
    }
  }

  /** Of a key for generate-verify-mac. */
  record Authenticating(int version, WipeableKey secret) implements KeyMaterial {
    @Override
    public void destroy() {
      secret.destroy();
    }
  }
}
