package org.kms4j.provider;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Engine;
import org.kms4j.aead.WipeableKey;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyAlgorithmException;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyUsage;

/**
 * {@code Mac.getInstance("HmacSHA256", kms)} and its siblings under a {@link KmsKey} for
 * generate-verify-mac, of just that algorithm.
 *
 * <p>The key is resolved at {@code init}; a computation that has begun finishes, the next one sees
 * what has changed.
 *
 * <p>A key that is not of KMS is left to the JDK: {@code Mac.getMacLength} settles the provider
 * before it has seen a key, and TLS asks for it (decisions/0011).
 *
 * <p>For use by one thread, like every {@code Mac}.
 */
final class KmsMac extends MacSpi {
  private final Keyring keyring;
  private final KeyAlgorithm algorithm;
  private final Mac engine;
  private @Nullable KmsKey handle;
  private @Nullable WipeableKey secret;
  private boolean begun;
  private boolean foreign;

  KmsMac(Keyring keyring, KeyAlgorithm algorithm) {
    this.keyring = keyring;
    this.algorithm = algorithm;
    try {
      this.engine = Mac.getInstance(algorithm.standardName(), Engine.sunJce().provider());
    } catch (NoSuchAlgorithmException e) {
      throw new ProviderException("the JDK lacks " + algorithm.standardName(), e);
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
    begun = false;
    // A refused init must not leave the key of the last one behind.
    handle = null;
    secret = null;
    foreign = false;
    if (key instanceof SecretKey && !(key instanceof KmsHandle)) {
      engine.init(key);
      foreign = true;
      return;
    }
    KmsKey named = KmsKey.require(key);
    resolve(named);
    handle = named;
  }

  private void resolve(KmsKey named) throws InvalidKeyException {
    boolean done = false;
    while (!done) {
      done = tryInit(named);
    }
  }

  /** False if the key left the cache while it was resolved. */
  private boolean tryInit(KmsKey named) throws InvalidKeyException {
    ResolvedKey key = keyring.resolve(named.keyId(), KeyUsage.GENERATE_VERIFY_MAC);
    requireAlgorithm(key.metadata());
    try {
      KeyMaterial material = named.pinned() ? key.version(named.version()) : key.primary();
      WipeableKey found = ((KeyMaterial.Authenticating) material).secret();
      engine.init(found);
      secret = found;
      return true;
    } catch (DestroyedKeyException e) {
      return false;
    }
  }

  private void requireAlgorithm(KeyMetadata key) throws KeyAlgorithmException {
    if (key.algorithm() != algorithm) {
      throw new KeyAlgorithmException(key.id(), key.algorithm(), algorithm.standardName());
    }
  }

  /** The engine keeps a copy of the key: what was revoked since init must begin nothing more. */
  private void begin() {
    if (begun || foreign) {
      return;
    }
    if (handle == null || secret == null) {
      throw new IllegalStateException("the last init was refused");
    }
    keyring.memory().confirm(handle.keyId());
    if (secret.isDestroyed()) {
      try {
        resolve(handle);
      } catch (InvalidKeyException e) {
        throw new IllegalStateException(
            "key " + handle.keyId() + " was revoked since init: " + e.getMessage(), e);
      }
    }
    begun = true;
  }

  @Override
  protected void engineUpdate(byte input) {
    begin();
    engine.update(input);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    begin();
    engine.update(input, offset, length);
  }

  @Override
  protected byte[] engineDoFinal() {
    begin();
    begun = false;
    return engine.doFinal();
  }

  @Override
  protected void engineReset() {
    begun = false;
    engine.reset();
  }
}
