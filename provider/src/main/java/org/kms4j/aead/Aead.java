package org.kms4j.aead;

import javax.crypto.AEADBadTagException;

/**
 * Authenticated encryption under one key.
 *
 * <p>Source and result may share an array only where their ranges do not overlap: the caller stages
 * the others. A failed {@link #open} leaves no plaintext byte in the result.
 *
 * <p>Safe for use by many threads. Once {@link #destroy} has returned no operation begins; each
 * then throws {@link DestroyedKeyException}.
 */
public sealed interface Aead permits AesGcm, Xaes {

  /** The length of the IV, in bytes. */
  int ivBytes();

  /** How many bytes the sealed form is longer than the plaintext, the IV not counted. */
  int tagBytes();

  /**
   * Encrypts {@code length} bytes and writes {@code length + tagBytes()}.
   *
   * @param user the caller: the same object for its next message
   * @param iv one that was drawn for this message
   */
  void seal(
      AeadUser user,
      Iv iv,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset);

  /**
   * Verifies and decrypts {@code length} bytes, tag included, and writes {@code length -
   * tagBytes()}.
   *
   * @param user as in {@link #seal}
   * @param iv holds the IV at {@code ivOffset}
   * @throws AEADBadTagException for every cause, among them a length below {@link #tagBytes}
   */
  void open(
      AeadUser user,
      byte[] iv,
      int ivOffset,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException;

  /** Wipes the key. */
  void destroy();
}
