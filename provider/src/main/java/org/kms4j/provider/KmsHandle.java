package org.kms4j.provider;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.UUID;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What {@link KmsKey} and {@link KmsPrivateKey} have in common: the name of a key, without
 * material.
 *
 * <p>{@link #getEncoded} and {@link #getFormat} are null; {@link #destroy} ends this handle and
 * nothing else.
 *
 * <p>Threat: a handle that leaks tells a key id. It refuses to be serialised, since where it
 * arrives it would name a key of another keyring, or none.
 *
 * <p>Safe for use by many threads.
 */
abstract sealed class KmsHandle implements Key, Destroyable permits KmsKey, KmsPrivateKey {
  @Serial private static final long serialVersionUID = 1L;

  private final transient UUID keyId;
  private transient volatile boolean destroyed;

  KmsHandle(UUID keyId) {
    this.keyId = keyId;
  }

  public UUID keyId() {
    return keyId;
  }

  /** The key as a handle that was not destroyed; the message shows no byte of a foreign key. */
  static <T extends KmsHandle> T require(Class<T> wanted, @Nullable Key key)
      throws InvalidKeyException {
    if (!wanted.isInstance(key)) {
      String what = key == null ? "no key" : "a " + key.getClass().getName();
      throw new InvalidKeyException("KMS wants a " + wanted.getSimpleName() + ", given is " + what);
    }
    T handle = wanted.cast(key);
    if (handle.isDestroyed()) {
      throw new InvalidKeyException("the handle of key " + handle.keyId() + " was destroyed");
    }
    return handle;
  }

  @Override
  @SuppressWarnings("NullAway") // java.security.Key: null where a key has no encoding
  public String getFormat() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway") // java.security.Key: null where a key has no encoding
  public byte[] getEncoded() {
    return null;
  }

  @Override
  public void destroy() {
    destroyed = true;
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public int hashCode() {
    return keyId.hashCode();
  }

  @Serial
  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException(getClass().getName());
  }
}
