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
  private @Nullable Seal seal;
  private @Nullable Open open;

  /** One of the two. */
  private @Nullable Operation operation;

  private boolean dataBegun;

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
    return seal == null || !seal.iv().drawn() ? null : seal.iv().bytes();
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
    boolean sealing = opmode == Cipher.ENCRYPT_MODE || opmode == Cipher.WRAP_MODE;
    Operation next = sealing ? seal() : open();
    if (operation != next) {
      forget();
      operation = next;
    }
    boolean begun = false;
    try {
      next.begin(KmsKey.require(key));
      begun = true;
    } finally {
      if (!begun) {
        forget();
      }
    }
  }

  private Seal seal() {
    if (seal == null) {
      seal = new Seal(keyring);
    }
    return seal;
  }

  private Open open() {
    if (open == null) {
      open = new Open(keyring);
    }
    return open;
  }

  private void forget() {
    reset();
    operation = null;
    if (seal != null) {
      seal.end();
    }
    if (open != null) {
      open.end();
    }
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
      forget();
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

  private Operation requireReady() {
    Operation ready = operation;
    if (ready == null || !ready.ready()) {
      throw new IllegalStateException("the cipher must be initialised anew: each IV seals once");
    }
    return ready;
  }

  @Override
  protected int engineGetOutputSize(int inputLength) {
    Operation ready = operation;
    if (ready == null || !ready.ready()) {
      return 0;
    }
    long output = ready.maxResultBytes((long) data.size() + inputLength);
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, output));
  }

  @Override
  protected byte[] engineDoFinal(byte @Nullable [] from, int offset, int length)
      throws IllegalBlockSizeException, AEADBadTagException {
    Operation ready = requireReady();
    byte[] input = from == null ? NOTHING : from;
    requireFits(ready, length);
    if (data.size() > 0) {
      data.append(input, offset, length);
      return whole(ready, data.array(), 0, data.size());
    }
    return whole(ready, input, offset, length);
  }

  private byte[] whole(Operation ready, byte[] input, int offset, int length)
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
    Operation ready = requireReady();
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

  private void requireFits(Operation ready, int length) throws IllegalBlockSizeException {
    if (!data.canTake(Math.max(length, ready.maxResultBytes(length)))) {
      throw new IllegalBlockSizeException("the message is longer than an array can be");
    }
  }

  private int resultBytes(Operation ready, byte[] input, int offset, int length)
      throws AEADBadTagException {
    try {
      return ready.resultBytes(input, offset, length);
    } catch (AEADBadTagException e) {
      reset();
      throw e;
    }
  }

  private void compute(Operation ready, byte[] from, int offset, int length, byte[] to, int at)
      throws AEADBadTagException {
    try {
      ready.compute(aad.toBytes(), from, offset, length, to, at);
    } finally {
      // Also after a failure: what was collected is gone, and must not be sealed as if it were
      // less.
      reset();
    }
  }

  @Override
  protected byte[] engineWrap(Key key) throws InvalidKeyException, IllegalBlockSizeException {
    byte[] encoded = KeyEncoding.of(key);
    try {
      return engineDoFinal(encoded, 0, encoded.length);
    } catch (AEADBadTagException e) {
      throw new AssertionError("an encryption verifies nothing", e);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  @Override
  protected Key engineUnwrap(byte[] wrapped, String algorithm, int type)
      throws InvalidKeyException, NoSuchAlgorithmException {
    byte[] encoded;
    try {
      encoded = engineDoFinal(wrapped, 0, wrapped.length);
    } catch (AEADBadTagException | IllegalBlockSizeException e) {
      throw new InvalidKeyException("the wrapped key does not open under this key");
    }
    try {
      return KeyEncoding.read(encoded, algorithm, type);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  private void reset() {
    aad.clear();
    data.clear();
    if (dataBegun) {
      dataBegun = false;
    }
  }
}
