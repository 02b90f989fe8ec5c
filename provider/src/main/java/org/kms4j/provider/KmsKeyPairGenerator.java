package org.kms4j.provider;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGeneratorSpi;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNameTakenException;

/**
 * {@code KeyPairGenerator.getInstance("KMS")}: makes a key pair in the keyring, durable before it
 * returns; the public key is an ordinary one, the private key a {@link KmsPrivateKey}. Without
 * {@code initialize} it is an ECC_NIST_P256 key named by its key id; a {@link NewKeySpec} says
 * otherwise, and so do the JDK's own specs. A {@code SecureRandom} of the caller's has no say.
 *
 * <p>For use by one thread.
 */
final class KmsKeyPairGenerator extends KeyPairGeneratorSpi {
  /** The names of {@code ECGenParameterSpec} and of ML-DSA's parameter sets, in lower case. */
  private static final Map<String, KeyAlgorithm> NAMED =
      Map.of(
          "secp256r1", KeyAlgorithm.ECC_NIST_P256,
          "p-256", KeyAlgorithm.ECC_NIST_P256,
          "secp384r1", KeyAlgorithm.ECC_NIST_P384,
          "p-384", KeyAlgorithm.ECC_NIST_P384,
          "secp521r1", KeyAlgorithm.ECC_NIST_P521,
          "p-521", KeyAlgorithm.ECC_NIST_P521,
          "ml-dsa-44", KeyAlgorithm.ML_DSA_44,
          "ml-dsa-65", KeyAlgorithm.ML_DSA_65,
          "ml-dsa-87", KeyAlgorithm.ML_DSA_87);

  private final Keyring keyring;
  private NewKeySpec spec = NewKeySpec.of("", KeyAlgorithm.ECC_NIST_P256);

  KmsKeyPairGenerator(Keyring keyring) {
    this.keyring = keyring;
  }

  @Override
  public void initialize(int keyBits, SecureRandom ignored) {
    KeyAlgorithm algorithm =
        switch (keyBits) {
          case 256 -> KeyAlgorithm.ECC_NIST_P256;
          case 384 -> KeyAlgorithm.ECC_NIST_P384;
          case 521 -> KeyAlgorithm.ECC_NIST_P521;
          case SigningEngine.RSA_BITS -> KeyAlgorithm.RSA_4096;
          default ->
              throw new InvalidParameterException(
                  "KMS key pairs have 4096 bits (RSA), or 256, 384 or 521 (EC), not " + keyBits);
        };
    spec = NewKeySpec.of("", algorithm);
  }

  @Override
  public void initialize(@Nullable AlgorithmParameterSpec params, SecureRandom ignored)
      throws InvalidAlgorithmParameterException {
    spec = params instanceof NewKeySpec given ? given : NewKeySpec.of("", algorithm(params));
    if (!spec.algorithm().isKeyPair()) {
      throw new InvalidAlgorithmParameterException(
          spec.algorithm().text() + " has no key pair: use KeyGenerator");
    }
  }

  private static KeyAlgorithm algorithm(@Nullable AlgorithmParameterSpec params)
      throws InvalidAlgorithmParameterException {
    if (params instanceof NamedParameterSpec named) {
      KeyAlgorithm found = NAMED.get(named.getName().toLowerCase(Locale.ROOT));
      if (found != null) {
        return found;
      }
      throw new InvalidAlgorithmParameterException("KMS has no key pairs of " + named.getName());
    }
    if (params instanceof RSAKeyGenParameterSpec rsa
        && rsa.getKeysize() == SigningEngine.RSA_BITS
        && rsa.getPublicExponent().equals(RSAKeyGenParameterSpec.F4)) {
      return KeyAlgorithm.RSA_4096;
    }
    throw new InvalidAlgorithmParameterException(
        "KMS wants a "
            + NewKeySpec.class.getName()
            + ", an ECGenParameterSpec, or an RSAKeyGenParameterSpec of 4096 bits and F4");
  }

  @Override
  public KeyPair generateKeyPair() {
    try {
      UUID id = keyring.create(spec).id();
      return new KeyPair(keyring.publicKey(id), keyring.privateKey(id));
    } catch (KeyNameTakenException e) {
      InvalidParameterException taken = new InvalidParameterException(e.getMessage());
      taken.initCause(e);
      throw taken;
    } catch (InvalidKeyException e) {
      throw new ProviderException("the key was revoked as it was made: " + e.getMessage(), e);
    }
  }
}
