package org.kms4j.aead;

import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.IntPredicate;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's AES as compiled code with a fault would be: right, but for a bit of the result at some
 * lengths. Remembers the lengths it was asked to encrypt.
 */
final class WrongProvider extends Provider {
  private static final long serialVersionUID = 1L;

  private final transient int mode;
  private final transient IntPredicate wrong;
  private final transient Set<Integer> lengths = new ConcurrentSkipListSet<>();

  /**
   * Makes one.
   *
   * @param mode of {@code Cipher}, in which it goes wrong
   * @param wrong the lengths of plaintext at which it does
   */
  WrongProvider(int mode, IntPredicate wrong) {
    super("Wrong", "1", "for tests");
    this.mode = mode;
    this.wrong = wrong;
    for (String name : Set.of("AES/GCM/NoPadding", "AES/ECB/NoPadding", "AES/CTR/NoPadding")) {
      putService(
          new Service(this, "Cipher", name, Spi.class.getName(), null, null) {
            @Override
            public Object newInstance(@Nullable Object parameter) {
              return new Spi(WrongProvider.this, name);
            }
          });
    }
  }

  Set<Integer> lengths() {
    return lengths;
  }

  private static final class Spi extends CipherSpi {
    private final WrongProvider owner;
    private final boolean gcm;
    private final Cipher right;
    private int opmode;
    private int seen;

    Spi(WrongProvider owner, String name) {
      this.owner = owner;
      this.gcm = name.contains("GCM");
      try {
        right = Cipher.getInstance(name, "SunJCE");
      } catch (GeneralSecurityException e) {
        throw new ProviderException(e);
      }
    }

    @Override
    protected void engineSetMode(String mode) {}

    @Override
    protected void engineSetPadding(String padding) {}

    @Override
    protected int engineGetBlockSize() {
      return right.getBlockSize();
    }

    @Override
    protected int engineGetOutputSize(int length) {
      return right.getOutputSize(length);
    }

    @Override
    protected int engineGetKeySize(Key key) {
      return key.getEncoded().length * Byte.SIZE;
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
    protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
      opmode = mode;
      seen = 0;
      right.init(mode, key);
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameterSpec spec, SecureRandom random)
        throws InvalidKeyException, InvalidAlgorithmParameterException {
      opmode = mode;
      seen = 0;
      right.init(mode, key, spec);
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameters params, SecureRandom random)
        throws InvalidKeyException, InvalidAlgorithmParameterException {
      throw new InvalidAlgorithmParameterException("not in this test");
    }

    @Override
    protected void engineUpdateAAD(byte[] from, int offset, int length) {
      right.updateAAD(from, offset, length);
    }

    @Override
    protected void engineUpdateAAD(ByteBuffer from) {
      right.updateAAD(from);
    }

    @Override
    protected byte[] engineUpdate(byte[] from, int offset, int length) {
      seen += length;
      byte[] out = right.update(from, offset, length);
      return out == null ? new byte[0] : out;
    }

    @Override
    protected int engineUpdate(byte[] from, int offset, int length, byte[] to, int at)
        throws ShortBufferException {
      seen += length;
      return right.update(from, offset, length, to, at);
    }

    @Override
    protected byte[] engineDoFinal(byte[] from, int offset, int length) {
      try {
        return right.doFinal(from, offset, length);
      } catch (GeneralSecurityException e) {
        throw new ProviderException(e);
      }
    }

    @Override
    protected int engineDoFinal(byte[] from, int offset, int length, byte[] to, int at)
        throws ShortBufferException,
            javax.crypto.IllegalBlockSizeException,
            javax.crypto.BadPaddingException {
      seen += length;
      int written = right.doFinal(from, offset, length, to, at);
      if (gcm) {
        int plaintext = opmode == Cipher.ENCRYPT_MODE ? seen : seen - AesGcm.TAG_BYTES;
        if (opmode == Cipher.ENCRYPT_MODE) {
          owner.lengths.add(plaintext);
        }
        if (opmode == owner.mode && owner.wrong.test(plaintext) && written > 0) {
          to[at + written - 1] ^= 1;
        }
      }
      return written;
    }
  }
}
