package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * XAES-256-GCM with key commitment: AES-256-GCM under a subkey that the first half of a 24-byte
 * nonce N derives, so that random nonces are safe for 2^80 messages.
 *
 * <p>Sources: C2SP XAES-256-GCM for the subkey, a CMAC-based KDF of NIST SP 800-108r1; ePrint
 * 2025/758, as in AWS-LC, for the commitment. With K the key, {@code L = AES_K(0)} and {@code K1 =
 * L<<1} (its last byte xor 0x87 if L's top bit was set):
 *
 * <pre>
 *   Kx = AES_K(K1 xor (00 01 58 00 ‖ N[0..12))) ‖ AES_K(K1 xor (00 02 58 00 ‖ N[0..12)))
 *   X1 = AES_K("XCMT" ‖ N[0..12))
 *   KC = AES_K(X1 xor K1 xor (N[12..24) ‖ 00 01 00 01)) ‖ AES_K(X1 xor K1 xor (N[12..24) ‖ 00 01 00 02))
 * </pre>
 *
 * The sealed form is ciphertext ‖ tag(16) ‖ KC(32).
 *
 * <p>Threat: a message that opens under two keys (invisible salamanders). The commitment is
 * compared in constant time before anything is decrypted.
 */
public final class Xaes implements Aead {
  public static final int KEY_BYTES = 32;
  public static final int IV_BYTES = 24;
  public static final int COMMITMENT_BYTES = 32;

  private static final int BLOCK_BYTES = 16;
  private static final int HALF_BYTES = 12;
  private static final int TAIL_BYTES = AesGcm.TAG_BYTES + COMMITMENT_BYTES;

  private final Engine engine;
  private final WipeableKey key;
  private final byte[] k1;
  private final Slots<Ciphers> ciphers;

  /** The engines of one operation; the first is bound to the key for life. */
  private record Ciphers(Cipher ecb, Cipher gcm) {}

  private Xaes(Engine engine, WipeableKey key) {
    this.engine = engine;
    this.key = key;
    this.ciphers = new Slots<>(() -> new Ciphers(keyed(Engine.ecb()), engine.gcm()));
    this.k1 = doubled(blocks(keyed(Engine.ecb()), new byte[BLOCK_BYTES]));
  }

  /** For a key of {@link #KEY_BYTES}, which is copied. */
  public static Xaes of(Engine engine, byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("an XAES key of " + key.length + " bytes");
    }
    return new Xaes(engine, WipeableKey.ofAes(key.clone()));
  }

  @Override
  public int ivBytes() {
    return IV_BYTES;
  }

  @Override
  public int tagBytes() {
    return TAIL_BYTES;
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
    Ciphers taken = begin(user);
    iv.use();
    byte[] derived;
    try {
      derived = derive(taken.ecb, iv.array(), iv.offset());
    } catch (DestroyedKeyException e) {
      iv.giveBack();
      throw e;
    }
    WipeableKey subkey = WipeableKey.ofAes(Arrays.copyOf(derived, KEY_BYTES));
    int half = iv.offset() + HALF_BYTES;
    AesGcm.seal(
        engine, taken.gcm, subkey, iv.array(), half, aad, from, offset, length, to, toOffset);
    subkey.destroy();
    int end = toOffset + length + AesGcm.TAG_BYTES;
    System.arraycopy(derived, KEY_BYTES, to, end, COMMITMENT_BYTES);
    Arrays.fill(derived, (byte) 0);
    putBack(user, taken);
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
    if (length < TAIL_BYTES) {
      throw new AEADBadTagException();
    }
    Ciphers taken = begin(user);
    byte[] derived = derive(taken.ecb, iv, ivOffset);
    WipeableKey subkey = WipeableKey.ofAes(Arrays.copyOf(derived, KEY_BYTES));
    try {
      int sealed = length - COMMITMENT_BYTES;
      byte[] wanted = Arrays.copyOfRange(derived, KEY_BYTES, derived.length);
      byte[] given = Arrays.copyOfRange(from, offset + sealed, offset + length);
      if (!MessageDigest.isEqual(wanted, given)) {
        throw new AEADBadTagException();
      }
      int second = ivOffset + HALF_BYTES;
      AesGcm.open(engine, taken.gcm, subkey, iv, second, aad, from, offset, sealed, to, toOffset);
    } finally {
      subkey.destroy();
      Arrays.fill(derived, (byte) 0);
    }
    putBack(user, taken);
  }

  @Override
  public void destroy() {
    key.destroy();
    ciphers.clear();
    Arrays.fill(k1, (byte) 0);
  }

  private Ciphers begin(AeadUser user) {
    engine.check();
    Ciphers taken = ciphers.take(user);
    // The ECB engine is bound to the key and would go on without it.
    key.requireAlive();
    return taken;
  }

  private void putBack(AeadUser user, Ciphers taken) {
    ciphers.put(user, taken);
    if (key.isDestroyed()) {
      ciphers.clear();
    }
  }

  /** Kx(32) ‖ KC(32) for the nonce at {@code at}. */
  private byte[] derive(Cipher ecb, byte[] n, int at) {
    byte[] first = new byte[3 * BLOCK_BYTES];
    first[1] = 1;
    first[BLOCK_BYTES + 1] = 2;
    first[2] = first[BLOCK_BYTES + 2] = 'X';
    byte[] xcmt = {'X', 'C', 'M', 'T'};
    System.arraycopy(xcmt, 0, first, 2 * BLOCK_BYTES, xcmt.length);
    for (int block = 0; block < 3; block++) {
      System.arraycopy(n, at, first, block * BLOCK_BYTES + xcmt.length, HALF_BYTES);
    }
    xor(k1, first, 0);
    xor(k1, first, BLOCK_BYTES);
    byte[] out = blocks(ecb, first);
    byte[] second = new byte[2 * BLOCK_BYTES];
    for (int block = 0; block < 2; block++) {
      int start = block * BLOCK_BYTES;
      System.arraycopy(n, at + HALF_BYTES, second, start, HALF_BYTES);
      second[start + 13] = 1;
      second[start + 15] = (byte) (block + 1);
      for (int i = 0; i < BLOCK_BYTES; i++) {
        second[start + i] ^= (byte) (out[2 * BLOCK_BYTES + i] ^ k1[i]);
      }
    }
    // A key that was wiped meanwhile would have given a subkey anyone can compute.
    key.requireAlive();
    byte[] derived = Arrays.copyOf(out, KEY_BYTES + COMMITMENT_BYTES);
    System.arraycopy(blocks(ecb, second), 0, derived, KEY_BYTES, COMMITMENT_BYTES);
    Arrays.fill(out, (byte) 0);
    return derived;
  }

  private static void xor(byte[] value, byte[] into, int at) {
    for (int i = 0; i < value.length; i++) {
      into[at + i] ^= value[i];
    }
  }

  private static byte[] doubled(byte[] l) {
    byte[] k1 = new byte[BLOCK_BYTES];
    for (int i = 0; i < BLOCK_BYTES; i++) {
      int carry = i + 1 < BLOCK_BYTES ? (l[i + 1] & 0xFF) >>> 7 : 0;
      k1[i] = (byte) (l[i] << 1 | carry);
    }
    // Constant time: 0x87 if the bit that fell out was set.
    k1[BLOCK_BYTES - 1] ^= (byte) (-((l[0] & 0xFF) >>> 7) & 0x87);
    Arrays.fill(l, (byte) 0);
    return k1;
  }

  private Cipher keyed(Cipher ecb) {
    try {
      ecb.init(Cipher.ENCRYPT_MODE, key);
      return ecb;
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the AES engine refused a key of 32 bytes", e);
    }
  }

  private static byte[] blocks(Cipher ecb, byte[] input) {
    try {
      return ecb.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the AES engine failed on whole blocks", e);
    }
  }
}
