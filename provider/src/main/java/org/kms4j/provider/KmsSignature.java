package org.kms4j.provider;

import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.WipeableKey;
import org.kms4j.key.KeyAlgorithmException;

/**
 * {@code Signature.getInstance("SHA256withECDSA", kms)} and its siblings: signs under a {@link
 * KmsPrivateKey}, and verifies by any public key, as the JDK does.
 *
 * <p>The key is resolved at {@code initSign}; a signature that has begun finishes, the next one
 * sees what has changed. The caller's {@code SecureRandom} has no say: with ECDSA one repeated
 * random number gives the private key away.
 *
 * <p>For use by one thread, like every {@code Signature}.
 */
final class KmsSignature extends SignatureSpi {
  private final Keyring keyring;
  private final SignatureScheme scheme;
  private final Signature engine;

  /** Where the caller gives the digest. */
  private final @Nullable GivenDigest given;

  private @Nullable KmsPrivateKey handle;
  private @Nullable WipeableKey secret;
  private boolean verifying;
  private boolean begun;

  KmsSignature(Keyring keyring, SignatureScheme scheme) {
    this.keyring = keyring;
    this.scheme = scheme;
    this.engine = SigningEngine.signature(scheme);
    this.given =
        switch (scheme) {
          case GIVEN_RSA -> GivenDigest.wrapped();
          case GIVEN_ECDSA -> GivenDigest.bare();
          default -> null;
        };
  }

  @Override
  protected void engineInitSign(@Nullable PrivateKey key) throws InvalidKeyException {
    forget();
    KmsPrivateKey named = KmsHandle.require(KmsPrivateKey.class, key);
    resolve(named);
    handle = named;
  }

  @Override
  protected void engineInitVerify(@Nullable PublicKey key) throws InvalidKeyException {
    forget();
    if (key == null) {
      throw new InvalidKeyException("KMS wants a public key, given is no key");
    }
    engine.initVerify(key);
    verifying = true;
  }

  /** A refused init must not leave the key of the last one behind. */
  private void forget() {
    handle = null;
    secret = null;
    verifying = false;
    end();
  }

  private void end() {
    begun = false;
    if (given != null) {
      given.clear();
    }
  }

  private void resolve(KmsPrivateKey named) throws InvalidKeyException {
    boolean done = false;
    while (!done) {
      done = tryInit(named);
    }
  }

  /** False if the key left the cache while it was resolved. */
  private boolean tryInit(KmsPrivateKey named) throws InvalidKeyException {
    KeyMaterial.Signing pair = keyring.signing(named.keyId());
    if (!scheme.isFor(pair.algorithm())) {
      throw new KeyAlgorithmException(named.keyId(), pair.algorithm(), scheme.standardName());
    }
    try {
      engine.initSign(pair.privateKey());
      secret = pair.secret();
      return true;
    } catch (DestroyedKeyException e) {
      return false;
    }
  }

  /** The engine keeps the private key: what was revoked since init must begin nothing more. */
  private void begin() throws SignatureException {
    if (begun) {
      return;
    }
    if (!verifying) {
      confirm();
    }
    begun = true;
  }

  private static SignatureException refused() {
    return new SignatureException("the last init was refused");
  }

  private void confirm() throws SignatureException {
    if (handle == null || secret == null) {
      throw refused();
    }
    keyring.memory().confirm(handle.keyId());
    if (secret.isDestroyed()) {
      try {
        resolve(handle);
      } catch (InvalidKeyException e) {
        throw new SignatureException(
            "key " + handle.keyId() + " was revoked since init: " + e.getMessage(), e);
      }
    }
  }

  @Override
  protected void engineUpdate(byte input) throws SignatureException {
    engineUpdate(new byte[] {input}, 0, 1);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) throws SignatureException {
    begin();
    if (given != null) {
      given.append(input, offset, length);
    } else {
      engine.update(input, offset, length);
    }
  }

  @Override
  protected byte[] engineSign() throws SignatureException {
    try {
      begin();
      if (given != null) {
        engine.update(given.takeToSign());
      }
      return engine.sign();
    } finally {
      end();
    }
  }

  @Override
  protected boolean engineVerify(byte[] signature) throws SignatureException {
    try {
      if (!verifying) {
        throw refused();
      }
      if (given != null) {
        if (!given.fits()) {
          return false;
        }
        engine.update(given.take());
      }
      // Asked first, so that the engine is reset whatever the encoding is.
      boolean verified = engine.verify(signature);
      return verified && (!scheme.keyName().equals("EC") || EcdsaEncoding.isDer(signature));
    } finally {
      end();
    }
  }

  @Override
  protected void engineSetParameter(@Nullable AlgorithmParameterSpec params)
      throws InvalidAlgorithmParameterException {
    if (scheme == SignatureScheme.RSA_PSS) {
      PssRules.require(params);
      engine.setParameter(params);
    } else if (params != null) {
      throw new InvalidAlgorithmParameterException(scheme.standardName() + " takes no parameters");
    }
  }

  @Override
  protected @Nullable AlgorithmParameters engineGetParameters() {
    return engine.getParameters();
  }

  @Override
  @Deprecated
  protected void engineSetParameter(String name, Object value) {
    throw new InvalidParameterException("KMS takes parameters as an AlgorithmParameterSpec");
  }

  @Override
  @Deprecated
  protected Object engineGetParameter(String name) {
    throw new InvalidParameterException("KMS gives parameters as AlgorithmParameters");
  }
}
