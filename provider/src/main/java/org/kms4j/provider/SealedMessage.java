package org.kms4j.provider;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.AesGcm;
import org.kms4j.aead.Iv;
import org.kms4j.aead.Xaes;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;

/**
 * The message formats of FORMAT.md; the only class that knows their offsets. The key's algorithm
 * chooses the format:
 *
 * <pre>
 *   aes-*-gcm, version 1:     IV(12) ‖ ciphertext ‖ tag(16) ‖ "v01"
 *   aes-*-gcm, from 2 on:     IV(12) ‖ ciphertext ‖ tag(16) ‖ uint32be version ‖ "v02"
 *   xaes-256-gcm:             0x01 ‖ uint32be version ‖ N(24) ‖ ciphertext ‖ tag(16) ‖ KC(32)
 * </pre>
 *
 * <p>The first two are Infisical's, in which nothing authenticates the trailer: its version is a
 * hint, and whatever does not end in "v02" is read as "v01". The third binds key id and version.
 *
 * <p>Threat: an oracle. Whatever is wrong with a message, the answer is one {@link
 * AEADBadTagException} with one text and no cause.
 */
final class SealedMessage {
  private static final byte[] V01 = "v01".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] V02 = "v02".getBytes(StandardCharsets.US_ASCII);
  private static final int V02_TRAILER_BYTES = Integer.BYTES + V02.length;
  private static final int AES_BYTES = AesGcm.IV_BYTES + AesGcm.TAG_BYTES;

  private static final byte XAES_FORMAT = 1;
  private static final int XAES_HEADER_BYTES = 1 + Integer.BYTES;
  private static final int XAES_BYTES =
      XAES_HEADER_BYTES + Xaes.IV_BYTES + AesGcm.TAG_BYTES + Xaes.COMMITMENT_BYTES;
  private static final byte[] XAES_AAD = "kms4j/1".getBytes(StandardCharsets.US_ASCII);

  private SealedMessage() {}

  /** How many bytes a message under this version is longer than its plaintext. */
  static int overhead(KeyMaterial.Sealing key) {
    if (key.algorithm() == KeyAlgorithm.XAES_256_GCM) {
      return XAES_BYTES;
    }
    return AES_BYTES + (key.version() == 1 ? V01.length : V02_TRAILER_BYTES);
  }

  /** The least number of bytes that a message of this algorithm is longer than its plaintext. */
  static int minOverhead(KeyAlgorithm algorithm) {
    return algorithm == KeyAlgorithm.XAES_256_GCM ? XAES_BYTES : AES_BYTES + V01.length;
  }

  /** Writes {@code length + overhead(key)} bytes; source and result must not overlap. */
  static void seal(
      AeadUser user,
      KeyMaterial.Sealing key,
      Iv iv,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset) {
    if (key.algorithm() == KeyAlgorithm.XAES_256_GCM) {
      int at = toOffset + XAES_HEADER_BYTES;
      key.aead().seal(user, iv, xaesAad(key, aad), from, offset, length, to, at + Xaes.IV_BYTES);
      ByteBuffer.wrap(to).position(toOffset).put(XAES_FORMAT).putInt(key.version());
      iv.copyTo(to, at);
      return;
    }
    key.aead().seal(user, iv, aad, from, offset, length, to, toOffset + AesGcm.IV_BYTES);
    iv.copyTo(to, toOffset);
    int trailer = toOffset + AES_BYTES + length;
    if (key.version() == 1) {
      System.arraycopy(V01, 0, to, trailer, V01.length);
    } else {
      ByteBuffer.wrap(to).position(trailer).putInt(key.version()).put(V02);
    }
  }

  private static byte[] xaesAad(KeyMaterial.Sealing key, byte[] aad) {
    return ByteBuffer.allocate(XAES_AAD.length + 2 * Long.BYTES + Integer.BYTES + aad.length)
        .put(XAES_AAD)
        .putLong(key.keyId().getMostSignificantBits())
        .putLong(key.keyId().getLeastSignificantBits())
        .putInt(key.version())
        .put(aad)
        .array();
  }

  /**
   * How long the plaintext of this message is.
   *
   * @throws AEADBadTagException if it is too short to be a message
   */
  static int plaintextBytes(KeyAlgorithm algorithm, byte[] message, int offset, int length)
      throws AEADBadTagException {
    int plaintext =
        algorithm == KeyAlgorithm.XAES_256_GCM
            ? length - XAES_BYTES
            : length - AES_BYTES - trailerBytes(message, offset, length);
    if (plaintext < 0) {
      throw refused();
    }
    return plaintext;
  }

  private static int trailerBytes(byte[] message, int offset, int length) {
    int end = offset + length;
    boolean v02 =
        length >= AES_BYTES + V02_TRAILER_BYTES
            && Arrays.equals(message, end - V02.length, end, V02, 0, V02.length);
    return v02 ? V02_TRAILER_BYTES : V01.length;
  }

  /**
   * The version that the message says it was sealed under; nothing has authenticated it yet. It
   * must be as long as {@link #plaintextBytes} wants.
   */
  static int claimedVersion(KeyMetadata key, byte[] message, int offset, int length) {
    if (key.algorithm() == KeyAlgorithm.XAES_256_GCM) {
      return ByteBuffer.wrap(message).getInt(offset + 1);
    }
    return trailerBytes(message, offset, length) == V01.length
        ? 1
        : ByteBuffer.wrap(message).getInt(offset + length - V02_TRAILER_BYTES);
  }

  /**
   * Writes the plaintext; source and result must not overlap. Nothing of it is left where this
   * fails.
   *
   * @param handle says which version may open it
   */
  static void open(
      AeadUser user,
      ResolvedKey key,
      KmsKey handle,
      byte[] aad,
      byte[] message,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException {
    if (key.metadata().algorithm() == KeyAlgorithm.XAES_256_GCM) {
      openXaes(user, key, handle, aad, message, offset, length, to, toOffset);
    } else {
      openAes(user, key, handle, aad, message, offset, length, to, toOffset);
    }
  }

  private static void openXaes(
      AeadUser user,
      ResolvedKey key,
      KmsKey handle,
      byte[] aad,
      byte[] message,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException {
    int version = claimedVersion(key.metadata(), message, offset, length);
    if (message[offset] != XAES_FORMAT || !key.hasVersion(version) || !mayOpen(handle, version)) {
      throw refused();
    }
    int iv = offset + XAES_HEADER_BYTES;
    int ciphertext = iv + Xaes.IV_BYTES;
    int end = offset + length;
    try {
      KeyMaterial.Sealing material = (KeyMaterial.Sealing) key.version(version);
      byte[] bound = xaesAad(material, aad);
      material
          .aead()
          .open(user, message, iv, bound, message, ciphertext, end - ciphertext, to, toOffset);
    } catch (AEADBadTagException | KeyNotFoundException e) {
      throw refused();
    }
  }

  private static void openAes(
      AeadUser user,
      ResolvedKey key,
      KmsKey handle,
      byte[] aad,
      byte[] message,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException {
    int hint = claimedVersion(key.metadata(), message, offset, length);
    int body = length - trailerBytes(message, offset, length);
    // The hinted version first, then the others, newest first.
    if (tryOpenAes(user, key, handle, hint, aad, message, offset, body, to, toOffset)) {
      return;
    }
    for (int version = key.metadata().primaryVersion(); version >= 1; version--) {
      if (version != hint
          && tryOpenAes(user, key, handle, version, aad, message, offset, body, to, toOffset)) {
        return;
      }
    }
    throw refused();
  }

  private static boolean tryOpenAes(
      AeadUser user,
      ResolvedKey key,
      KmsKey handle,
      int version,
      byte[] aad,
      byte[] message,
      int offset,
      int length,
      byte[] to,
      int toOffset) {
    if (!key.hasVersion(version) || !mayOpen(handle, version)) {
      return false;
    }
    int at = offset + AesGcm.IV_BYTES;
    int sealed = length - AesGcm.IV_BYTES;
    try {
      KeyMaterial.Sealing material = (KeyMaterial.Sealing) key.version(version);
      material.aead().open(user, message, offset, aad, message, at, sealed, to, toOffset);
      return true;
    } catch (AEADBadTagException | KeyNotFoundException e) {
      return false;
    }
  }

  private static boolean mayOpen(KmsKey handle, int version) {
    return !handle.pinned() || handle.version() == version;
  }

  /** The one failure. */
  static AEADBadTagException refused() {
    return new AEADBadTagException("the message does not open under this key");
  }
}
