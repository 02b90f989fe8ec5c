package org.kms4j.provider;

import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Iv;
import org.kms4j.key.KeyUsage;

/**
 * {@code Cipher.getInstance("KMS/GCM/NoPadding")}: seals and opens whole messages under a {@link
 * KmsKey}.
 *
 * <p>{@code update} collects and returns nothing, in both directions: no plaintext appears before
 * its tag was verified, and the message is one array of its final size. The IV is drawn at {@code
 * init}; a caller has no say in it. After an encryption the object wants {@code init}; after a
 * decryption, good or bad, it is ready for the next message.
 *
 * <p>Threats: a repeated IV; plaintext that was not verified, be it in a buffer that a failed call
 * leaves behind. Source and result that overlap are staged through an array that is wiped.
 *
 * <p>For use by one thread, like every {@code Cipher}. Conformance: DIFFERENCES.md.
 */
final class KmsCipher extends CipherSpi {
  private static final byte[] NOTHING = new byte[0];
  private static final int BLOCK_BYTES = 16;

  private final Keyring keyring;
  private final ByteSink aad = new ByteSink();
  private final ByteSink data = new ByteSink();
  private @Nullable Session session;
  private boolean dataBegun;

  /** That of the last init, told also after it has sealed. */
  private @Nullable Iv lastIv;

  /** What {@code init} settled. The IV is there for encryption alone. */
  private record Session(
      KmsKey handle, ResolvedKey key, KeyMaterial.@Nullable Sealing material, @Nullable Iv iv) {}

  KmsCipher(Keyring keyring) {
    this.keyring = keyring;
  }

  @Override
  protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
    if (!mode.equalsIgnoreCase("GCM")) {
      throw new NoSuchAlgorithmException("KMS has the mode GCM, not " + mode);
    }
  }

  @Override
  protected void engineSetPadding(String padding) throws NoSuchPaddingException {
    if (!padding.equalsIgnoreCase("NoPadding")) {
      throw new NoSuchPaddingException("KMS has NoPadding, not " + padding);
    }
  }

  @Override
  protected int engineGetBlockSize() {
    return BLOCK_BYTES;
  }

  @Override
  protected int engineGetKeySize(Key key) throws InvalidKeyException {
    return keyring.describe(KmsKey.require(key).keyId()).algorithm().materialBytes() * Byte.SIZE;
  }

  @Override
  @SuppressWarnings("NullAway") // CipherSpi: null where there is none
  protected byte[] engineGetIV() {
    return lastIv == null ? null : lastIv.bytes();
  }

  @Override
  @SuppressWarnings("NullAway") // CipherSpi: null where there are none
  protected AlgorithmParameters engineGetParameters() {
    return null;
  }

  @Override
  protected void engineInit(int opmode, Key key, @Nullable SecureRandom ignored)
      throws InvalidKeyException {
    reset();
    session = null;
    lastIv = null;
    KmsKey handle = KmsKey.require(key);
    Session begun =
        switch (opmode) {
          case Cipher.ENCRYPT_MODE -> beginSeal(handle);
          case Cipher.DECRYPT_MODE -> beginOpen(handle);
          default -> throw new UnsupportedOperationException("KMS wraps no keys");
        };
    session = begun;
    lastIv = begun.iv;
  }

  private Session beginSeal(KmsKey handle) throws InvalidKeyException {
    while (true) {
      ResolvedKey key = keyring.resolve(handle.keyId(), KeyUsage.ENCRYPT_DECRYPT);
      try {
        KeyMaterial.Sealing material =
            (KeyMaterial.Sealing) (handle.pinned() ? key.version(handle.version()) : key.primary());
        return new Session(handle, key, material, keyring.ivs().draw(material.aead().ivBytes()));
      } catch (DestroyedKeyException e) {
        // It left the cache between the two lines: resolve again.
      }
    }
  }

  private Session beginOpen(KmsKey handle) throws InvalidKeyException {
    ResolvedKey key = keyring.resolve(handle.keyId(), KeyUsage.ENCRYPT_DECRYPT);
    if (handle.pinned() && !key.hasVersion(handle.version())) {
      key.version(handle.version());
    }
    return new Session(handle, key, null, null);
  }

  @Override
  protected void engineInit(
      int opmode, Key key, @Nullable AlgorithmParameterSpec params, @Nullable SecureRandom ignored)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    refuse(params);
    engineInit(opmode, key, ignored);
  }

  @Override
  protected void engineInit(
      int opmode, Key key, @Nullable AlgorithmParameters params, @Nullable SecureRandom ignored)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    refuse(params);
    engineInit(opmode, key, ignored);
  }

  private void refuse(@Nullable Object params) throws InvalidAlgorithmParameterException {
    if (params != null) {
      reset();
      session = null;
      lastIv = null;
      throw new InvalidAlgorithmParameterException(
          "KMS takes no parameters: it draws the IV itself; call init(mode, key)");
    }
  }

  @Override
  protected void engineUpdateAAD(byte[] from, int offset, int length) {
    requireReady();
    if (dataBegun) {
      throw new IllegalStateException("AAD must come before the first update");
    }
    aad.append(from, offset, length);
  }

  @Override
  protected void engineUpdateAAD(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    engineUpdateAAD(peek(from, bytes), 0, bytes.length);
    from.position(from.limit());
  }

  @Override
  protected byte[] engineUpdate(byte[] from, int offset, int length) {
    collect(from, offset, length);
    return NOTHING;
  }

  @Override
  protected int engineUpdate(byte[] from, int offset, int length, byte[] to, int toOffset) {
    collect(from, offset, length);
    return 0;
  }

  @Override
  protected int engineUpdate(ByteBuffer from, ByteBuffer to) {
    requireReady();
    if (from.hasArray()) {
      collect(from.array(), from.arrayOffset() + from.position(), from.remaining());
    } else {
      byte[] bytes = new byte[from.remaining()];
      collect(peek(from, bytes), 0, bytes.length);
      Arrays.fill(bytes, (byte) 0);
    }
    from.position(from.limit());
    return 0;
  }

  private void collect(byte[] from, int offset, int length) {
    requireReady();
    dataBegun = true;
    data.append(from, offset, length);
  }

  private static byte[] peek(ByteBuffer from, byte[] into) {
    from.duplicate().get(into);
    return into;
  }

  private Session requireReady() {
    Session ready = session;
    if (ready == null) {
      throw new IllegalStateException("the cipher must be initialised anew: each IV seals once");
    }
    return ready;
  }

  @Override
  protected int engineGetOutputSize(int inputLength) {
    Session ready = session;
    if (ready == null) {
      return 0;
    }
    long input = (long) data.size() + inputLength;
    long output =
        ready.material != null
            ? input + SealedMessage.overhead(ready.material)
            : input - SealedMessage.minOverhead(ready.key.metadata().algorithm());
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, output));
  }

  @Override
  protected byte[] engineDoFinal(byte @Nullable [] from, int offset, int length)
      throws IllegalBlockSizeException, AEADBadTagException {
    Session ready = requireReady();
    byte[] input = from == null ? NOTHING : from;
    requireFits(ready, length);
    if (data.size() > 0) {
      data.append(input, offset, length);
      return whole(ready, data.array(), 0, data.size());
    }
    return whole(ready, input, offset, length);
  }

  private byte[] whole(Session ready, byte[] input, int offset, int length)
      throws AEADBadTagException {
    byte[] output = new byte[resultBytes(ready, input, offset, length)];
    compute(ready, input, offset, length, output, 0);
    return output;
  }

  @Override
  protected int engineDoFinal(byte @Nullable [] from, int offset, int length, byte[] to, int at)
      throws ShortBufferException, IllegalBlockSizeException, AEADBadTagException {
    return finish(from == null ? NOTHING : from, offset, length, to, at, to.length - at);
  }

  @Override
  protected int engineDoFinal(ByteBuffer from, ByteBuffer to)
      throws ShortBufferException, IllegalBlockSizeException, AEADBadTagException {
    int length = from.remaining();
    int written;
    if (from.hasArray()) {
      written = finish(from.array(), from.arrayOffset() + from.position(), length, to);
    } else {
      byte[] input = peek(from, new byte[length]);
      try {
        written = finish(input, 0, length, to);
      } finally {
        Arrays.fill(input, (byte) 0);
      }
    }
    from.position(from.limit());
    return written;
  }

  private int finish(byte[] from, int offset, int length, ByteBuffer to)
      throws ShortBufferException, IllegalBlockSizeException, AEADBadTagException {
    if (to.hasArray()) {
      int at = to.arrayOffset() + to.position();
      int written = finish(from, offset, length, to.array(), at, to.remaining());
      to.position(to.position() + written);
      return written;
    }
    byte[] output = new byte[Math.min(to.remaining(), engineGetOutputSize(length))];
    int written = finish(from, offset, length, output, 0, output.length);
    to.put(output, 0, written);
    Arrays.fill(output, (byte) 0);
    return written;
  }

  /** Changes nothing before it knows that the result fits. */
  private int finish(byte[] from, int offset, int length, byte[] to, int at, int room)
      throws ShortBufferException, IllegalBlockSizeException, AEADBadTagException {
    Session ready = requireReady();
    requireFits(ready, length);
    boolean buffered = data.size() > 0;
    if (buffered) {
      data.append(from, offset, length);
    }
    byte[] input = buffered ? data.array() : from;
    int start = buffered ? 0 : offset;
    int total = buffered ? data.size() : length;
    int result = resultBytes(ready, input, start, total);
    if (room < result) {
      if (buffered) {
        data.shrink(length);
      }
      throw new ShortBufferException("the result has " + result + " bytes, room is for " + room);
    }
    if (input == to && start < at + result && at < start + total) {
      byte[] staged = Arrays.copyOfRange(input, start, start + total);
      try {
        compute(ready, staged, 0, total, to, at);
      } finally {
        Arrays.fill(staged, (byte) 0);
      }
    } else {
      compute(ready, input, start, total, to, at);
    }
    return result;
  }

  private void requireFits(Session ready, int length) throws IllegalBlockSizeException {
    int overhead = ready.material == null ? 0 : SealedMessage.overhead(ready.material);
    if (!data.canTake((long) length + overhead)) {
      throw new IllegalBlockSizeException("the message is longer than an array can be");
    }
  }

  private int resultBytes(Session ready, byte[] input, int offset, int length)
      throws AEADBadTagException {
    if (ready.material != null) {
      return length + SealedMessage.overhead(ready.material);
    }
    try {
      return SealedMessage.plaintextBytes(ready.key.metadata().algorithm(), input, offset, length);
    } catch (AEADBadTagException e) {
      reset();
      throw e;
    }
  }

  private void compute(Session ready, byte[] from, int offset, int length, byte[] to, int at)
      throws AEADBadTagException {
    try {
      // Between init and here another process may have revoked the key, and this one been stopped.
      keyring.confirm();
      Session now = ready;
      while (!tryCompute(now, from, offset, length, to, at)) {
        now = resolveAgain(now);
      }
    } finally {
      reset();
      // Also after a failure: what was collected is gone, and must not be sealed as if it were
      // less.
      if (ready.material != null) {
        session = null;
      }
    }
  }

  /** False if the material was wiped before the work began. */
  private boolean tryCompute(Session now, byte[] from, int offset, int length, byte[] to, int at)
      throws AEADBadTagException {
    byte[] bound = aad.toBytes();
    try {
      if (now.material != null && now.iv != null) {
        SealedMessage.seal(now.material, now.iv, bound, from, offset, length, to, at);
      } else {
        SealedMessage.open(now.key, now.handle, bound, from, offset, length, to, at);
      }
      return true;
    } catch (DestroyedKeyException e) {
      return false;
    }
  }

  /** The same version of the same key; it left the cache by age or number, or it was revoked. */
  private Session resolveAgain(Session old) {
    try {
      ResolvedKey key = keyring.resolve(old.handle.keyId(), KeyUsage.ENCRYPT_DECRYPT);
      KeyMaterial.Sealing material =
          old.material == null ? null : (KeyMaterial.Sealing) key.version(old.material.version());
      return new Session(old.handle, key, material, old.iv);
    } catch (DestroyedKeyException e) {
      return old;
    } catch (InvalidKeyException e) {
      throw new IllegalStateException(
          "key " + old.handle.keyId() + " was revoked since init: " + e.getMessage(), e);
    }
  }

  private void reset() {
    aad.clear();
    data.clear();
    dataBegun = false;
  }
}
