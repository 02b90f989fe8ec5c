package org.kms4j.provider;

import java.io.Serial;
import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.UUID;
import org.kms4j.key.KeyAlgorithm;

/**
 * A handle of a key for sign-verify: the name of a private key that never leaves the keyring. It
 * comes from {@link Keyring#privateKey} or from {@code KeyPairGenerator.getInstance("KMS")} and is
 * resolved by the keyring of the provider at each {@code Signature.initSign}.
 *
 * <p>It holds no material, so {@link #getEncoded} and {@link #getFormat} are null; {@link #destroy}
 * ends this handle and nothing else. What is public it tells as other private keys do, so that
 * libraries and the JDK's TLS take it: its algorithm is {@code RSA}, {@code EC} or {@code ML-DSA},
 * and it is a {@link RSAKey} or an {@link ECKey} where that is so. Two handles of one key id are
 * equal.
 *
 * <p>Threat: a handle that leaks tells a key id and what is in the public key. It refuses to be
 * serialised.
 *
 * <p>Safe for use by many threads.
 */
public abstract sealed class KmsPrivateKey extends KmsHandle implements PrivateKey {
  @Serial private static final long serialVersionUID = 1L;

  private final transient KeyAlgorithm algorithm;

  private KmsPrivateKey(UUID keyId, KeyAlgorithm algorithm) {
    super(keyId);
    this.algorithm = algorithm;
  }

  /** The private key to this public one. */
  static KmsPrivateKey of(UUID keyId, KeyAlgorithm algorithm, PublicKey publicKey) {
    if (publicKey instanceof RSAPublicKey rsa) {
      return new Rsa(keyId, algorithm, rsa.getModulus());
    }
    if (publicKey instanceof ECPublicKey ec) {
      return new Ec(keyId, algorithm, ec.getParams());
    }
    return new Other(keyId, algorithm);
  }

  @Override
  public String getAlgorithm() {
    return algorithm.standardName();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KmsPrivateKey that && keyId().equals(that.keyId());
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  @Override
  public String toString() {
    return "KmsPrivateKey[" + keyId() + ", " + algorithm.text() + "]";
  }

  private static final class Rsa extends KmsPrivateKey implements RSAKey {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BigInteger modulus;

    Rsa(UUID keyId, KeyAlgorithm algorithm, BigInteger modulus) {
      super(keyId, algorithm);
      this.modulus = modulus;
    }

    @Override
    public BigInteger getModulus() {
      return modulus;
    }

    /** Said once more, since from JDK 22 on it would be inherited from two. */
    @Override
    @SuppressWarnings("NullAway") // RSAKey: null where a key has no parameters
    public AlgorithmParameterSpec getParams() {
      return null;
    }
  }

  private static final class Ec extends KmsPrivateKey implements ECKey {
    @Serial private static final long serialVersionUID = 1L;
    private final transient ECParameterSpec curve;

    Ec(UUID keyId, KeyAlgorithm algorithm, ECParameterSpec curve) {
      super(keyId, algorithm);
      this.curve = curve;
    }

    @Override
    public ECParameterSpec getParams() {
      return curve;
    }
  }

  private static final class Other extends KmsPrivateKey {
    @Serial private static final long serialVersionUID = 1L;

    Other(UUID keyId, KeyAlgorithm algorithm) {
      super(keyId, algorithm);
    }
  }
}
