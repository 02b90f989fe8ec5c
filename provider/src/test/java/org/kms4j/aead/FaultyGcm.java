package org.kms4j.aead;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import org.jspecify.annotations.Nullable;

/** An AES-GCM that is right but for one planted fault. */
abstract class FaultyGcm extends CipherSpi {
  private final Cipher right;
  private boolean sealing;
  private int length;

  FaultyGcm() {
    try {
      right = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Encrypts one bit wrongly in messages of one length, as compiled code did. */
  static final class AtOneLength extends FaultyGcm {
    @Override
    boolean wrongAt(int length) {
      return length == 1_537;
    }
  }

  /** Goes on with the first key that it was given. */
  static final class OfOldKey extends FaultyGcm {
    private @Nullable Key first;

    @Override
    Key key(Key given) {
      if (first == null) {
        first = given;
      }
      return first;
    }
  }

  /** Opens whatever it is given. */
  static final class OfAnyTag extends FaultyGcm {
    @Override
    boolean takesAnyTag() {
      return true;
    }
  }

  boolean wrongAt(int length) {
    return false;
  }

  boolean takesAnyTag() {
    return false;
  }

  Key key(Key given) {
    return given;
  }

  @Override
  protected void engineInit(
      int opmode, Key key, AlgorithmParameterSpec params, @Nullable SecureRandom random)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    right.init(opmode, key(key), params);
    sealing = opmode == Cipher.ENCRYPT_MODE;
    length = 0;
  }

  @Override
  protected int engineUpdate(byte[] from, int offset, int count, byte[] to, int at) {
    try {
      length += count;
      return right.update(from, offset, count, to, at);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  protected int engineDoFinal(byte[] from, int offset, int count, byte[] to, int at)
      throws AEADBadTagException {
    try {
      int written = right.doFinal(from, offset, count, to, at);
      if (sealing && wrongAt(length + count)) {
        to[at] ^= 1;
      }
      return written;
    } catch (AEADBadTagException e) {
      if (takesAnyTag()) {
        return length + count - 16;
      }
      throw e;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  protected void engineUpdateAAD(byte[] from, int offset, int count) {
    right.updateAAD(from, offset, count);
  }

  @Override
  protected void engineSetMode(String mode) {}

  @Override
  protected void engineSetPadding(String padding) {}

  @Override
  protected int engineGetBlockSize() {
    return 16;
  }

  @Override
  protected int engineGetOutputSize(int inputLength) {
    return right.getOutputSize(inputLength);
  }

  @Override
  protected byte[] engineGetIV() {
    return right.getIV();
  }

  @Override
  protected AlgorithmParameters engineGetParameters() {
    return right.getParameters();
  }

  @Override
  protected void engineInit(int opmode, Key key, SecureRandom random) {
    throw new AssertionError("without an IV");
  }

  @Override
  protected void engineInit(int opmode, Key key, AlgorithmParameters params, SecureRandom random) {
    throw new AssertionError("without an IV");
  }

  @Override
  protected byte[] engineUpdate(byte[] from, int offset, int count) {
    throw new AssertionError("into a new array");
  }

  @Override
  protected byte[] engineDoFinal(byte[] from, int offset, int count) {
    throw new AssertionError("into a new array");
  }
}
