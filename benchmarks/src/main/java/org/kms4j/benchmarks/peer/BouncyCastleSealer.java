package org.kms4j.benchmarks.peer;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's own interface. The key goes in with the first message of a direction and is kept
 * after that (a null key means "the last one"), which is its fastest way; a message is IV ‖
 * ciphertext ‖ tag.
 */
final class BouncyCastleSealer implements Sealer {
  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final Direction sealing;
  private final Direction opening;
  private final SecureRandom random;

  private BouncyCastleSealer(byte[] key, byte[] aad, SecureRandom random) {
    this.sealing = new Direction(true, key, aad);
    this.opening = new Direction(false, key, aad);
    this.random = random;
  }

  static Sealers of(byte[] key, Supplier<SecureRandom> random) {
    return aad -> new BouncyCastleSealer(key, aad, random.get());
  }

  @Override
  public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    byte[] message = new byte[IV_BYTES + plaintext.length + TAG_BYTES];
    System.arraycopy(iv, 0, message, 0, IV_BYTES);
    sealing.run(iv, plaintext, 0, message, IV_BYTES);
    return message;
  }

  @Override
  public byte[] open(byte[] message) throws GeneralSecurityException {
    byte[] iv = new byte[IV_BYTES];
    System.arraycopy(message, 0, iv, 0, IV_BYTES);
    byte[] plaintext = new byte[message.length - IV_BYTES - TAG_BYTES];
    opening.run(iv, message, IV_BYTES, plaintext, 0);
    return plaintext;
  }

  private static final class Direction {
    private final GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
    private final boolean forSealing;
    private final byte[] aad;
    private @Nullable KeyParameter first;

    Direction(boolean forSealing, byte[] key, byte[] aad) {
      this.forSealing = forSealing;
      this.aad = aad.clone();
      this.first = new KeyParameter(key);
    }

    void run(byte[] iv, byte[] from, int offset, byte[] to, int at) throws AEADBadTagException {
      cipher.init(forSealing, new AEADParameters(first, TAG_BYTES * Byte.SIZE, iv, aad));
      first = null;
      try {
        int done = cipher.processBytes(from, offset, from.length - offset, to, at);
        cipher.doFinal(to, at + done);
      } catch (InvalidCipherTextException e) {
        AEADBadTagException bad = new AEADBadTagException(e.getMessage());
        bad.initCause(e);
        throw bad;
      }
    }
  }
}
