package org.kms4j.provider;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Engine;
import org.kms4j.key.KeyUsage;

/**
 * {@code Mac.getInstance("HmacSHA256", kms)} under a {@link KmsKey} for generate-verify-mac.
 *
 * <p>The key is resolved at {@code init}; a computation that has begun finishes, the next {@code
 * init} sees what has changed.
 *
 * <p>For use by one thread, like every {@code Mac}.
 */
final class KmsMac extends MacSpi {
  private final Keyring keyring;
  private final Mac engine;

  KmsMac(Keyring keyring, String algorithm) {
    this.keyring = keyring;
    try {
      this.engine = Mac.getInstance(algorithm, Engine.sunJce().provider());
    } catch (NoSuchAlgorithmException e) {
      throw new ProviderException("the JDK lacks " + algorithm, e);
    }
  }

  @Override
  protected int engineGetMacLength() {
    return engine.getMacLength();
  }

  @Override
  protected void engineInit(Key key, @Nullable AlgorithmParameterSpec params)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    if (params != null) {
      throw new InvalidAlgorithmParameterException("KMS takes no parameters for a MAC");
    }
    KmsKey handle = KmsKey.require(key);
    boolean done = false;
    while (!done) {
      done = tryInit(handle);
    }
  }

  /** False if the key left the cache while it was resolved. */
  private boolean tryInit(KmsKey handle) throws InvalidKeyException {
    ResolvedKey key = keyring.resolve(handle.keyId(), KeyUsage.GENERATE_VERIFY_MAC);
    try {
      KeyMaterial material = handle.pinned() ? key.version(handle.version()) : key.primary();
      engine.init(((KeyMaterial.Authenticating) material).secret());
      return true;
    } catch (DestroyedKeyException e) {
      return false;
    }
  }

  @Override
  protected void engineUpdate(byte input) {
    engine.update(input);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    engine.update(input, offset, length);
  }

  @Override
  protected byte[] engineDoFinal() {
    return engine.doFinal();
  }

  @Override
  protected void engineReset() {
    engine.reset();
  }
}
