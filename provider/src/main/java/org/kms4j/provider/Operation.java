package org.kms4j.provider;

import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import org.kms4j.aead.AeadUser;

/**
 * What a {@link KmsCipher} computes once the whole message is there: {@link Seal} or {@link Open}.
 *
 * <p>{@link #begin} resolves the key; what leaves the cache between that and {@link #compute} is
 * resolved again, and refused if it was revoked. An operation object serves one cipher for many
 * messages, so that a message costs no objects.
 *
 * <p>For use by one thread.
 */
abstract sealed class Operation permits Seal, Open {
  /** What it is to the engines. */
  final AeadUser user = new AeadUser();

  /** Resolves the key, which must be enabled and for encryption. */
  abstract void begin(KmsKey handle) throws InvalidKeyException;

  /** Lets go of the key. */
  abstract void end();

  /** Whether a message may come now, without another {@link #begin}. */
  abstract boolean ready();

  /** How long the result of so much input may be, in bytes; exact for {@link Seal}. */
  abstract long maxResultBytes(long inputBytes);

  /**
   * How long the result of this input is, in bytes.
   *
   * @throws AEADBadTagException if it is no message
   */
  abstract int resultBytes(byte[] input, int offset, int length) throws AEADBadTagException;

  /**
   * Writes the result; source and result must not overlap.
   *
   * @throws IllegalStateException if the key was revoked since {@link #begin}
   */
  abstract void compute(byte[] aad, byte[] from, int offset, int length, byte[] to, int at)
      throws AEADBadTagException;

  static IllegalStateException revoked(KmsKey handle, InvalidKeyException e) {
    return new IllegalStateException(
        "key " + handle.keyId() + " was revoked since init: " + e.getMessage(), e);
  }
}
