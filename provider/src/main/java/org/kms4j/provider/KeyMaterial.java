package org.kms4j.provider;

import java.util.UUID;
import org.kms4j.aead.Aead;
import org.kms4j.aead.AesGcm;
import org.kms4j.aead.Engine;
import org.kms4j.aead.WipeableKey;
import org.kms4j.aead.Xaes;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.WrappedKey;

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
  static KeyMaterial of(
      Engine engine, KeyMetadata key, WrappedKey wrapped, byte[] bytes, SealBudgets budgets) {
    int version = wrapped.version();
    return switch (key.algorithm()) {
      case AES_256_GCM, AES_128_GCM -> sealing(key, wrapped, AesGcm.of(engine, bytes), budgets);
      case XAES_256_GCM -> sealing(key, wrapped, Xaes.of(engine, bytes), budgets);
      case HMAC_SHA_256 -> new Authenticating(version, WipeableKey.of("HmacSHA256", bytes));
    };
  }

  private static Sealing sealing(
      KeyMetadata key, WrappedKey wrapped, Aead aead, SealBudgets budgets) {
    SealBudget seals = budgets.of(key, wrapped);
    return new Sealing(key.id(), wrapped.version(), key.algorithm(), aead, seals);
  }

  /**
   * Of a key for encrypt-decrypt.
   *
   * @param algorithm chooses the message format
   * @param seals how often it may still seal; not part of the secret, so it outlives it
   */
  record Sealing(UUID keyId, int version, KeyAlgorithm algorithm, Aead aead, SealBudget seals)
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
