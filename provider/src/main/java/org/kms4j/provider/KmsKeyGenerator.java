package org.kms4j.provider;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNameTakenException;

/**
 * {@code KeyGenerator.getInstance("KMS")}: makes a key in the keyring, durable before it returns,
 * and gives its handle. Without {@code init} it is an xaes-256-gcm key named by its key id; a
 * {@link NewKeySpec} says otherwise. A {@code SecureRandom} of the caller's has no say in the
 * material.
 *
 * <p>For use by one thread.
 */
final class KmsKeyGenerator extends KeyGeneratorSpi {
  private final Keyring keyring;
  private NewKeySpec spec = NewKeySpec.of("", KeyAlgorithm.XAES_256_GCM);

  KmsKeyGenerator(Keyring keyring) {
    this.keyring = keyring;
  }

  @Override
  protected void engineInit(SecureRandom ignored) {
    spec = NewKeySpec.of("", KeyAlgorithm.XAES_256_GCM);
  }

  @Override
  protected void engineInit(@Nullable AlgorithmParameterSpec params, SecureRandom ignored)
      throws InvalidAlgorithmParameterException {
    if (!(params instanceof NewKeySpec given)) {
      throw new InvalidAlgorithmParameterException("KMS wants a " + NewKeySpec.class.getName());
    }
    if (given.algorithm().isKeyPair()) {
      throw new InvalidAlgorithmParameterException(
          given.algorithm().text() + " has a key pair: use KeyPairGenerator");
    }
    spec = given;
  }

  @Override
  protected void engineInit(int keyBits, SecureRandom ignored) {
    KeyAlgorithm algorithm =
        switch (keyBits) {
          case 128 -> KeyAlgorithm.AES_128_GCM;
          case 256 -> KeyAlgorithm.XAES_256_GCM;
          default ->
              throw new InvalidParameterException("KMS keys have 128 or 256 bits, not " + keyBits);
        };
    spec = NewKeySpec.of("", algorithm);
  }

  @Override
  protected SecretKey engineGenerateKey() {
    try {
      return KmsKey.of(keyring.create(spec).id());
    } catch (KeyNameTakenException e) {
      InvalidParameterException taken = new InvalidParameterException(e.getMessage());
      taken.initCause(e);
      throw taken;
    }
  }
}
