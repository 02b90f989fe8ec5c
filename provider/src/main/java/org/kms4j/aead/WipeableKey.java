package org.kms4j.aead;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A secret key that can be wiped, as the JDK's engines want it.
 *
 * <p>Threat: a thread that reads the key while another wipes it would encrypt under zeros. {@link
 * #getEncoded} therefore looks at the flag after it has copied, and {@link #destroy} sets the flag
 * before it wipes, each with a fence between: a copy that holds one wiped byte is never returned.
 * It does not defend against copies that the JDK's engines keep for themselves (THREATS.md).
 *
 * <p>Safe for use by many threads.
 */
public final class WipeableKey implements SecretKey {
  @Serial private static final long serialVersionUID = 1L;
  private final transient String algorithm;
  private final transient byte[] bytes;
  private transient volatile boolean destroyed;

  private WipeableKey(String algorithm, byte[] bytes) {
    this.algorithm = algorithm;
    this.bytes = bytes;
  }

  /** An AES key; takes the array over: the caller must not use it again. */
  static WipeableKey ofAes(byte[] bytes) {
    return new WipeableKey("AES", bytes);
  }

  /** A key of the given standard algorithm name; copies the bytes. */
  public static WipeableKey of(String algorithm, byte[] bytes) {
    return new WipeableKey(algorithm, bytes.clone());
  }

  @Override
  public byte[] getEncoded() {
    byte[] copy = bytes.clone();
    VarHandle.loadLoadFence();
    if (destroyed) {
      Arrays.fill(copy, (byte) 0);
      throw new DestroyedKeyException();
    }
    return copy;
  }

  /** Throws if anything that was read before this call may have been wiped already. */
  void requireAlive() {
    VarHandle.loadLoadFence();
    if (destroyed) {
      throw new DestroyedKeyException();
    }
  }

  @Override
  public void destroy() {
    destroyed = true;
    VarHandle.fullFence();
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String getAlgorithm() {
    return algorithm;
  }

  @Override
  public String getFormat() {
    return "RAW";
  }

  @Override
  public String toString() {
    return "WipeableKey[" + algorithm + ", " + bytes.length * Byte.SIZE + " bits]";
  }

  @Serial
  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException(WipeableKey.class.getName());
  }
}
