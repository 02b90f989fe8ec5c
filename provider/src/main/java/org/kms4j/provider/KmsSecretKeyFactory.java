package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactorySpi;
import org.jspecify.annotations.Nullable;

/**
 * {@code SecretKeyFactory.getInstance("KMS")}: a key id ({@link KeyIdSpec}) to its handle and back.
 * It asks no store: a handle is a name.
 *
 * <p>Threat: a way to the material past the keyring. Every other kind of {@code KeySpec} is
 * refused.
 *
 * <p>Safe for use by many threads.
 */
final class KmsSecretKeyFactory extends SecretKeyFactorySpi {

  static KmsSecretKeyFactory of(Keyring ignored) {
    return new KmsSecretKeyFactory();
  }

  @Override
  protected SecretKey engineGenerateSecret(@Nullable KeySpec spec) throws InvalidKeySpecException {
    if (!(spec instanceof KeyIdSpec given)) {
      throw new InvalidKeySpecException("KMS wants a " + KeyIdSpec.class.getName());
    }
    return KmsKey.of(given.keyId());
  }

  @Override
  protected KeySpec engineGetKeySpec(@Nullable SecretKey key, @Nullable Class<?> kind)
      throws InvalidKeySpecException {
    if (!(key instanceof KmsKey handle)) {
      throw new InvalidKeySpecException("not a " + KmsKey.class.getName());
    }
    if (kind == null || !kind.isAssignableFrom(KeyIdSpec.class)) {
      throw new InvalidKeySpecException(
          "a KmsKey has a " + KeyIdSpec.class.getName() + " and no other spec");
    }
    return new KeyIdSpec(handle.keyId());
  }

  @Override
  protected SecretKey engineTranslateKey(@Nullable SecretKey key) throws InvalidKeyException {
    if (!(key instanceof KmsKey)) {
      throw new InvalidKeyException("not a " + KmsKey.class.getName());
    }
    return key;
  }
}
