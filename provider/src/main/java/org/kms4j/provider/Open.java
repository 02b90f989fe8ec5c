package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyUsage;

/**
 * Verifies and decrypts messages, one after the other, each under the version that sealed it.
 *
 * <p>A message of a version that is not known yet makes it ask the store whether it has changed, so
 * that what one process sealed right after a rotation opens at once in all others.
 *
 * <p>Threat: a key that was revoked while this was kept for the next message. What is not just
 * begun is confirmed anew.
 */
final class Open extends Operation {
  private final Keyring keyring;
  private @Nullable KmsKey handle;
  private @Nullable ResolvedKey key;

  /** That of the last {@link #begin}. */
  private @Nullable ResolvedKey resolved;

  private int tick;
  private boolean justBegun;

  Open(Keyring keyring) {
    this.keyring = keyring;
  }

  @Override
  void begin(KmsKey named) throws InvalidKeyException {
    int now = keyring.memory().tick();
    ResolvedKey found = keyring.resolve(named.keyId(), KeyUsage.ENCRYPT_DECRYPT, resolved);
    if (named.pinned() && !found.hasVersion(named.version())) {
      keyring.memory().confirmNow();
      found = keyring.resolve(named.keyId(), KeyUsage.ENCRYPT_DECRYPT);
      if (!found.hasVersion(named.version())) {
        throw new KeyNotFoundException(named.keyId(), named.version());
      }
    }
    keep(named, found, now);
    justBegun = true;
  }

  /** Writes nothing that is there already, as in {@link Seal}. */
  @SuppressWarnings("ReferenceEquality") // the same object, or it is written
  private void keep(KmsKey named, ResolvedKey found, int now) {
    if (handle != named || key != found) {
      handle = named;
      key = found;
      resolved = found;
    }
    if (tick != now) {
      tick = now;
    }
  }

  @Override
  void end() {
    key = null;
  }

  @Override
  boolean ready() {
    return key != null;
  }

  @Override
  long maxResultBytes(long inputBytes) {
    return inputBytes - SealedMessage.minOverhead(begun().metadata().algorithm());
  }

  @Override
  int resultBytes(byte[] input, int offset, int length) throws AEADBadTagException {
    return SealedMessage.plaintextBytes(begun().metadata().algorithm(), input, offset, length);
  }

  @Override
  void compute(byte[] aad, byte[] from, int offset, int length, byte[] to, int at)
      throws AEADBadTagException {
    KmsKey named = Objects.requireNonNull(handle);
    if (justBegun) {
      keyring.memory().confirmSince(tick, named.keyId());
      justBegun = false;
    } else {
      keyring.memory().confirm(named.keyId());
    }
    ResolvedKey now = begun();
    if (SealedMessage.claimedVersion(now.metadata(), from, offset, length) > now.newest()) {
      // Another process may have rotated the key, and sealed before this one has heard of it.
      keyring.memory().confirmNow();
      now = now.destroyed() ? again(named) : now;
      key = now;
    }
    while (true) {
      try {
        SealedMessage.open(user, now, named, aad, from, offset, length, to, at);
        return;
      } catch (DestroyedKeyException e) {
        now = again(named);
        key = now;
      }
    }
  }

  /** It left the cache by age or number, or it was revoked. */
  private ResolvedKey again(KmsKey named) {
    try {
      return keyring.resolve(named.keyId(), KeyUsage.ENCRYPT_DECRYPT);
    } catch (InvalidKeyException e) {
      throw revoked(named, e);
    }
  }

  private ResolvedKey begun() {
    if (key == null) {
      throw new AssertionError("not begun");
    }
    return key;
  }
}
