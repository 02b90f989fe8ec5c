package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Iv;
import org.kms4j.key.KeyUsage;

/**
 * Encrypts one message under the primary version, or the one that the handle names, and under an IV
 * drawn at {@link #begin}.
 *
 * <p>Threat: a repeated IV. After {@link #compute}, good or bad, only {@link #begin} allows
 * another.
 */
final class Seal extends Operation {
  private static final int AHEAD = 15;

  private final Keyring keyring;
  private final Iv iv;
  private @Nullable KmsKey handle;
  private @Nullable ResolvedKey resolved;
  private KeyMaterial.@Nullable Sealing material;

  /** That of the last seal, and how many seals under it were spent ahead. */
  private KeyMaterial.@Nullable Sealing last;

  private int ahead;

  private int tick;

  Seal(Keyring keyring) {
    this.keyring = keyring;
    this.iv = keyring.ivs().iv();
  }

  /** That of the last {@link #begin}, told also after {@link #compute}. */
  Iv iv() {
    return iv;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the same handle, or it is looked at anew
  void begin(KmsKey named) throws InvalidKeyException {
    int now = keyring.memory().tick();
    if (named == handle
        && material != null
        && ahead > 0
        && keyring.memory().stillServes(resolved)) {
      ahead--;
      iv.drawNext();
      began(now);
      return;
    }
    while (true) {
      ResolvedKey key = keyring.resolve(named.keyId(), KeyUsage.ENCRYPT_DECRYPT, resolved);
      try {
        KeyMaterial.Sealing found =
            (KeyMaterial.Sealing) (named.pinned() ? key.version(named.version()) : key.primary());
        spend(named, key, found);
        iv.draw(found.aead().ivBytes());
        keep(named, key, found, now);
        return;
      } catch (DestroyedKeyException e) {
        // It left the cache between the lines, or was spent and has a next version: resolve again.
      }
    }
  }

  /**
   * Writes nothing that is there already: the collector may have laid this object beside the key's,
   * which all threads read at every message.
   */
  @SuppressWarnings("ReferenceEquality") // the same object, or it is written
  private void keep(KmsKey named, ResolvedKey key, KeyMaterial.Sealing found, int now) {
    if (handle != named || resolved != key || material != found) {
      handle = named;
      resolved = key;
      material = found;
    }
    began(now);
  }

  private void began(int now) {
    if (tick != now) {
      tick = now;
    }
  }

  /** Whoever seals often under one material spends some ahead, as it draws IVs. */
  @SuppressWarnings("ReferenceEquality") // the same object, or it was loaded anew
  private void spend(KmsKey named, ResolvedKey key, KeyMaterial.Sealing found)
      throws InvalidKeyException {
    if (found == last && ahead > 0) {
      ahead--;
      return;
    }
    keyring.spend(named, key, found);
    ahead = found == last && found.seals().spendAhead(AHEAD) ? AHEAD : 0;
    last = found;
  }

  @Override
  void end() {
    material = null;
    iv.clear();
  }

  @Override
  boolean ready() {
    return iv.fresh();
  }

  @Override
  long maxResultBytes(long inputBytes) {
    return inputBytes + SealedMessage.overhead(begun());
  }

  @Override
  int resultBytes(byte[] input, int offset, int length) {
    return length + SealedMessage.overhead(begun());
  }

  @Override
  void compute(byte[] aad, byte[] from, int offset, int length, byte[] to, int at) {
    try {
      KeyMaterial.Sealing now = begun();
      keyring.memory().confirmSince(tick, now.keyId());
      while (!seal(now, aad, from, offset, length, to, at)) {
        now = again(now.version());
      }
    } finally {
      iv.end();
    }
  }

  /** False if the material was wiped before. */
  private boolean seal(
      KeyMaterial.Sealing now, byte[] aad, byte[] from, int offset, int length, byte[] to, int at) {
    try {
      SealedMessage.seal(user, now, iv, aad, from, offset, length, to, at);
      return true;
    } catch (DestroyedKeyException e) {
      return false;
    }
  }

  /** The same version: it left the cache by age or number, or it was revoked. */
  private KeyMaterial.Sealing again(int version) {
    KmsKey named = Objects.requireNonNull(handle);
    while (true) {
      try {
        ResolvedKey key = keyring.resolve(named.keyId(), KeyUsage.ENCRYPT_DECRYPT);
        return (KeyMaterial.Sealing) key.version(version);
      } catch (DestroyedKeyException e) {
        // It left once more.
      } catch (InvalidKeyException e) {
        throw revoked(named, e);
      }
    }
  }

  private KeyMaterial.Sealing begun() {
    if (material == null) {
      throw new AssertionError("not begun");
    }
    return material;
  }
}
