package org.kms4j.provider;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.UUID;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A handle: the name of a key, resolved by the keyring of the provider at each {@code Cipher.init}.
 *
 * <p>It holds no material, so {@link #getEncoded} and {@link #getFormat} are null; {@link #destroy}
 * ends this handle and nothing else. Two handles of one key id and version are equal.
 *
 * <p>Threat: a handle that leaks tells a key id. It refuses to be serialised, since where it
 * arrives it would name a key of another keyring, or none.
 *
 * <p>Safe for use by many threads.
 */
public final class KmsKey extends KmsHandle implements SecretKey {
  /** What {@link #getAlgorithm} answers: the algorithm of the key is known to the keyring alone. */
  public static final String ALGORITHM = "KMS";

  @Serial private static final long serialVersionUID = 1L;
  private static final int PRIMARY = 0;

  private final transient int version;

  private KmsKey(UUID keyId, int version) {
    super(keyId);
    this.version = version;
  }

  /** Seals under the primary version, opens what any version sealed. */
  public static KmsKey of(UUID keyId) {
    return new KmsKey(keyId, PRIMARY);
  }

  /** Seals and opens under this one version, from 1. */
  public static KmsKey of(UUID keyId, int version) {
    if (version < 1) {
      throw new IllegalArgumentException("version " + version + " of key " + keyId);
    }
    return new KmsKey(keyId, version);
  }

  static KmsKey require(@Nullable Key key) throws InvalidKeyException {
    return require(KmsKey.class, key);
  }

  /** Whether it names one version. */
  boolean pinned() {
    return version != PRIMARY;
  }

  int version() {
    return version;
  }

  @Override
  public String getAlgorithm() {
    return ALGORITHM;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KmsKey that && keyId().equals(that.keyId()) && version == that.version;
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  @Override
  public String toString() {
    return "KmsKey[" + keyId() + (pinned() ? ", version " + version : "") + "]";
  }
}
