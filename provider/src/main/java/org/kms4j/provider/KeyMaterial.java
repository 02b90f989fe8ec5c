package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
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
      case RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ML_DSA_44, ML_DSA_65, ML_DSA_87 ->
          Signing.of(key.algorithm(), version, bytes);
      case HMAC_SHA_1, HMAC_SHA_224, HMAC_SHA_256, HMAC_SHA_384, HMAC_SHA_512 ->
          new Authenticating(version, WipeableKey.of(key.algorithm().standardName(), bytes));
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

  /**
   * Of a key for sign-verify. The private key is kept as its PKCS#8 DER, since that can be wiped
   * and the JDK's private keys cannot; each initialisation parses it anew.
   */
  record Signing(int version, KeyAlgorithm algorithm, WipeableKey secret, PublicKey publicKey)
      implements KeyMaterial {

    static Signing of(KeyAlgorithm algorithm, int version, byte[] bytes) {
      byte[] spki = KeyPairLayout.publicPart(bytes);
      try {
        PublicKey publicKey = SigningEngine.publicKey(algorithm, new X509EncodedKeySpec(spki));
        WipeableKey secret = KeyPairLayout.privatePart(algorithm, bytes);
        return new Signing(version, algorithm, secret, publicKey);
      } catch (InvalidKeySpecException e) {
        throw new ProviderException("this JDK cannot read a public key of " + algorithm.text(), e);
      }
    }

    /** For the JDK's engines; throws {@code DestroyedKeyException} once it was wiped. */
    PrivateKey privateKey() {
      byte[] pkcs8 = secret.getEncoded();
      try {
        return SignatureScheme.ML_DSA.isFor(algorithm)
            ? expanded(pkcs8)
            : SigningEngine.privateKey(algorithm, pkcs8);
      } catch (InvalidKeySpecException | InvalidKeyException e) {
        // Without the cause: nobody promises that its text has no byte of the key.
        throw new ProviderException("this JDK cannot read a private key of " + algorithm.text());
      } finally {
        Arrays.fill(pkcs8, (byte) 0);
      }
    }

    private PrivateKey expanded(byte[] pkcs8) throws InvalidKeyException {
      byte[] seed = MlDsaSeed.decode(algorithm, pkcs8);
      try {
        KeyPair pair = SigningEngine.expand(algorithm, seed);
        if (!Arrays.equals(pair.getPublic().getEncoded(), publicKey.getEncoded())) {
          throw new ProviderException("this JDK makes another pair of the seed, " + algorithm);
        }
        return pair.getPrivate();
      } finally {
        Arrays.fill(seed, (byte) 0);
      }
    }

    @Override
    public void destroy() {
      secret.destroy();
    }
  }
}
