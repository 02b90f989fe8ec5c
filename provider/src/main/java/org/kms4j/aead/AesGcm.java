package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-GCM with 96-bit IVs and 128-bit tags, NIST SP 800-38D.
 *
 * <p>Threat: with random IVs, more than {@link #MAX_SEALS} seals under one key make a repeated IV
 * likelier than 2^-32; who holds the key counts (the keyring), this class does not.
 */
public final class AesGcm implements Aead {
  /** Seals with random IVs allowed under one key; NIST SP 800-38D, section 8.3. */
  public static final long MAX_SEALS = 1L << 32;

  public static final int IV_BYTES = 12;
  public static final int TAG_BYTES = 16;

  /**
   * Large input goes to the engine in pieces of this size: the engine's inner loop is then entered
   * often enough to be compiled within the first messages, not after the first few hundred (see
   * benchmarks/README.md, "Large messages in a fresh JVM"). Engines in native code get it whole.
   */
  static final int PIECE_BYTES = 8 * 1_024;

  private final Engine engine;
  private final WipeableKey key;
  private final Slots<Cipher> ciphers;

  private AesGcm(Engine engine, WipeableKey key) {
    this.engine = engine;
    this.key = key;
    this.ciphers = new Slots<>(engine::gcm);
  }

  /** For a key of 16 or 32 bytes, which is copied. */
  public static AesGcm of(Engine engine, byte[] key) {
    if (key.length != 16 && key.length != 32) {
      throw new IllegalArgumentException("an AES key of " + key.length + " bytes");
    }
    return new AesGcm(engine, WipeableKey.ofAes(key.clone()));
  }

  @Override
  public int ivBytes() {
    return IV_BYTES;
  }

  @Override
  public int tagBytes() {
    return TAG_BYTES;
  }

  @Override
  public void seal(
      AeadUser user,
      Iv iv,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset) {
    engine.check();
    Cipher cipher = ciphers.take(user);
    iv.use();
    try {
      seal(engine, cipher, key, iv.array(), iv.offset(), aad, from, offset, length, to, toOffset);
    } catch (DestroyedKeyException e) {
      iv.giveBack();
      throw e;
    }
    putBack(user, cipher);
  }

  @Override
  public void open(
      AeadUser user,
      byte[] iv,
      int ivOffset,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException {
    engine.check();
    Cipher cipher = ciphers.take(user);
    open(engine, cipher, key, iv, ivOffset, aad, from, offset, length, to, toOffset);
    putBack(user, cipher);
  }

  @Override
  public void destroy() {
    key.destroy();
    ciphers.clear();
  }

  private void putBack(AeadUser user, Cipher cipher) {
    ciphers.put(user, cipher);
    // An engine remembers its last key: one put back after the clearing must not stay.
    if (key.isDestroyed()) {
      ciphers.clear();
    }
  }

  /**
   * Seals with a cipher of the engine, a key and a 12-byte IV: shared with {@link Xaes}, which
   * derives both.
   */
  static void seal(
      Engine engine,
      Cipher cipher,
      WipeableKey key,
      byte[] iv,
      int ivOffset,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset) {
    try {
      init(cipher, Cipher.ENCRYPT_MODE, key, iv, ivOffset, aad);
      int piece = length > PIECE_BYTES && !engine.isJava() ? length : PIECE_BYTES;
      int read = 0;
      int written = 0;
      while (length - read > piece) {
        written += cipher.update(from, offset + read, piece, to, toOffset + written);
        read += piece;
      }
      cipher.doFinal(from, offset + read, length - read, to, toOffset + written);
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the AES-GCM engine failed to encrypt", e);
    }
  }

  /** Opens likewise. */
  static void open(
      Engine engine,
      Cipher cipher,
      WipeableKey key,
      byte[] iv,
      int ivOffset,
      byte[] aad,
      byte[] from,
      int offset,
      int length,
      byte[] to,
      int toOffset)
      throws AEADBadTagException {
    // JDK 17's engine answers a ProviderException to less than a tag.
    if (length < TAG_BYTES) {
      throw new AEADBadTagException();
    }
    try {
      init(cipher, Cipher.DECRYPT_MODE, key, iv, ivOffset, aad);
      if (engine.keepsToTheResult()) {
        cipher.doFinal(from, offset, length, to, toOffset);
      } else {
        byte[] staged = cipher.doFinal(from, offset, length);
        System.arraycopy(staged, 0, to, toOffset, staged.length);
        Arrays.fill(staged, (byte) 0);
      }
    } catch (AEADBadTagException e) {
      Arrays.fill(to, toOffset, toOffset + length - TAG_BYTES, (byte) 0);
      throw e;
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the AES-GCM engine failed to decrypt", e);
    }
  }

  private static void init(
      Cipher cipher, int mode, WipeableKey key, byte[] iv, int ivOffset, byte[] aad)
      throws GeneralSecurityException {
    // ACCP does not read a key again that it knows from the message before, and so would go on.
    key.requireAlive();
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, iv, ivOffset, IV_BYTES));
    if (aad.length > 0) {
      cipher.updateAAD(aad);
    }
  }
}
