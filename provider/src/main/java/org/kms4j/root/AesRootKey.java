package org.kms4j.root;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.AesGcm;
import org.kms4j.aead.Engine;
import org.kms4j.aead.Iv;
import org.kms4j.aead.IvSource;

/**
 * A root key whose 32 bytes are in this process, however they came here.
 *
 * <p>A wrap is {@code 0x01 ‖ IV(12) ‖ ciphertext ‖ tag(16)}, AES-256-GCM (FORMAT.md, "Wrapped
 * key"). The id is the first half of HMAC-SHA-256 over a constant under the key: it tells two keys
 * apart and nothing of either.
 */
final class AesRootKey implements RootKey {
  static final int KEY_BYTES = 32;

  private static final byte FORMAT = 1;
  private static final int HEADER_BYTES = 1 + AesGcm.IV_BYTES;
  private static final String ID_PREFIX = "aes256-";
  private static final byte[] ID_INPUT = "kms4j/root-key-id/1".getBytes(StandardCharsets.US_ASCII);

  private final String id;
  private final AesGcm aead;

  private AesRootKey(String id, AesGcm aead) {
    this.id = id;
    this.aead = aead;
  }

  /**
   * Reads the base64 of 32 bytes; white space round it is no matter.
   *
   * @param source names in messages where the text came from
   */
  static AesRootKey parse(String base64, String source) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      // Without the cause: its message would quote a character of the key.
      throw new RootKeyException(source + " is not base64");
    }
    try {
      if (key.length != KEY_BYTES) {
        throw new RootKeyException(
            source + " holds " + key.length + " bytes, a root key has " + KEY_BYTES);
      }
      return new AesRootKey(idOf(key), AesGcm.of(Engine.sunJce(), key));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static String idOf(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return ID_PREFIX + HexFormat.of().formatHex(mac.doFinal(ID_INPUT), 0, 16);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public byte[] wrap(byte[] material, byte[] aad) {
    // A source of its own: a wrap is rare, and what was read ahead could repeat in a restored copy.
    Iv iv = new IvSource().draw(AesGcm.IV_BYTES);
    byte[] wrapped = new byte[HEADER_BYTES + material.length + AesGcm.TAG_BYTES];
    wrapped[0] = FORMAT;
    iv.copyTo(wrapped, 1);
    aead.seal(new AeadUser(), iv, aad, material, 0, material.length, wrapped, HEADER_BYTES);
    return wrapped;
  }

  @Override
  public byte[] unwrap(byte[] wrapped, byte[] aad) {
    int length = wrapped.length - HEADER_BYTES;
    if (length < AesGcm.TAG_BYTES || wrapped[0] != FORMAT) {
      throw notOurs();
    }
    byte[] material = new byte[length - AesGcm.TAG_BYTES];
    try {
      aead.open(new AeadUser(), wrapped, 1, aad, wrapped, HEADER_BYTES, length, material, 0);
      return material;
    } catch (AEADBadTagException e) {
      throw notOurs();
    }
  }

  private RootKeyException notOurs() {
    return new RootKeyException(
        "root key " + id + " does not unwrap this: it was changed, or moved from another place");
  }

  @Override
  public void close() {
    aead.destroy();
  }

  @Override
  public String toString() {
    return "RootKey[" + id + "]";
  }
}
