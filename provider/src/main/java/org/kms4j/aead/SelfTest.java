package org.kms4j.aead;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Brings the path of large messages to compiled code, then compares the engine's AES-GCM with a
 * second implementation at the lengths where compiled code has gone wrong before, for both key
 * lengths and as {@link Xaes} uses it.
 *
 * <p>The second implementation is NIST SP 800-38D, algorithms 1 to 4, by the letter: single AES
 * blocks from the JDK's ECB mode, GHASH one bit at a time. It is slow and only for this.
 */
final class SelfTest {
  private static final int LARGE_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 16;
  private static final byte[] NOTHING = new byte[0];

  private static final String XAES_NONCE = "ABCDEFGHIJKLMNOPQRSTUVWX";
  private static final String XAES_SEALED =
      "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
          + "04076b6085eebab138855fe57811c04112eff989d44120dfff662d5475a383c3";

  /** 1 MiB is 128 pieces; the compiler wants about six thousand. */
  private static final int WARM_ROUNDS = 64;

  private static final long WARM_NANOS = 1_000_000_000L;

  private final Engine engine;
  private final IvSource random = new IvSource();

  SelfTest(Engine engine) {
    this.engine = engine;
  }

  /**
   * What is wrong, or null.
   *
   * @throws InterruptedException if the thread was interrupted before all was compared
   */
  @Nullable String run() throws InterruptedException {
    byte[] message = random.draw(LARGE_BYTES + 1).bytes();
    if (engine.isJava() && !warm(message)) {
      return refusal("AES-GCM", " at " + LARGE_BYTES + " bytes");
    }
    int wrong = firstWrong(32, IntStream.concat(lengths(), largeLengths()), message);
    if (wrong < 0) {
      wrong = firstWrong(16, lengths(), message);
    }
    if (wrong >= 0) {
      return refusal("AES-GCM", " at " + wrong + " bytes");
    }
    if (!keysMayChange(message)) {
      return refusal("AES-GCM", " when the key changes");
    }
    if (!changesAreRefused(message)) {
      return refusal("AES-GCM", " for a message that was changed");
    }
    if (!xaesIsAsPublished()) {
      return refusal("XAES-256-GCM", "");
    }
    return null;
  }

  private String refusal(String what, String where) {
    return what
        + " of "
        + engine.name()
        + " gives a wrong result"
        + where
        + " on Java "
        + Runtime.version()
        + "; kms4j refuses to encrypt with it";
  }

  /** The length at which the two differ, or -1. */
  private int firstWrong(int keyBytes, IntStream lengths, byte[] message)
      throws InterruptedException {
    byte[] key = random.draw(keyBytes).bytes();
    AesGcm gcm = AesGcm.of(engine, key);
    Reference reference = new Reference(key);
    for (int length : lengths.toArray()) {
      requireNotInterrupted();
      if (!agrees(gcm, reference, message, length)) {
        return length;
      }
    }
    return -1;
  }

  private static void requireNotInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the self-test was ended");
    }
  }

  /** One object of the engine under another key for each message. */
  private boolean keysMayChange(byte[] message) {
    Cipher cipher = engine.gcm();
    for (int length = 0; length < 100; length++) {
      byte[] key = random.draw(Xaes.KEY_BYTES).bytes();
      byte[] iv = random.draw(AesGcm.IV_BYTES).bytes();
      byte[] sealed = new byte[length + AesGcm.TAG_BYTES];
      WipeableKey once = WipeableKey.ofAes(key.clone());
      AesGcm.seal(engine, cipher, once, iv, 0, NOTHING, message, 0, length, sealed, 0);
      if (!Arrays.equals(new Reference(key).seal(iv, NOTHING, message, length), sealed)) {
        return false;
      }
    }
    return true;
  }

  /** One bit of the ciphertext or the tag. */
  private boolean changesAreRefused(byte[] message) {
    AesGcm gcm = AesGcm.of(engine, random.draw(32).bytes());
    for (int length = 0; length < 100; length++) {
      Iv iv = random.draw(AesGcm.IV_BYTES);
      byte[] sealed = new byte[length + AesGcm.TAG_BYTES];
      gcm.seal(new AeadUser(), iv, NOTHING, message, 0, length, sealed, 0);
      sealed[length * 7 % sealed.length] ^= (byte) (1 << length % Byte.SIZE);
      try {
        gcm.open(
            new AeadUser(), iv.bytes(), 0, NOTHING, sealed, 0, sealed.length, new byte[length], 0);
        return false;
      } catch (AEADBadTagException e) {
        // As it has to be.
      }
    }
    return true;
  }

  /** The first vector of C2SP XAES-256-GCM, with the commitment that AWS-LC gives it. */
  private boolean xaesIsAsPublished() {
    byte[] key = new byte[Xaes.KEY_BYTES];
    Arrays.fill(key, (byte) 1);
    IvSource published =
        new IvSource() {
          @Override
          void fill(byte[] to) {
            System.arraycopy(XAES_NONCE.getBytes(StandardCharsets.US_ASCII), 0, to, 0, to.length);
          }
        };
    Iv iv = published.draw(Xaes.IV_BYTES);
    byte[] message = "XAES-256-GCM".getBytes(StandardCharsets.US_ASCII);
    Xaes xaes = Xaes.of(engine, key);
    byte[] sealed = new byte[message.length + xaes.tagBytes()];
    xaes.seal(new AeadUser(), iv, NOTHING, message, 0, message.length, sealed, 0);
    return HexFormat.of().formatHex(sealed).equals(XAES_SEALED);
  }

  /**
   * Until the compiler has seen the loops of large messages, in both directions, often enough;
   * false if a message did not open.
   */
  private boolean warm(byte[] message) throws InterruptedException {
    AesGcm gcm = AesGcm.of(engine, random.draw(32).bytes());
    byte[] sealed = new byte[LARGE_BYTES + AesGcm.TAG_BYTES];
    long start = System.nanoTime();
    for (int i = 0; i < WARM_ROUNDS && System.nanoTime() - start < WARM_NANOS; i++) {
      requireNotInterrupted();
      Iv iv = random.draw(AesGcm.IV_BYTES);
      gcm.seal(new AeadUser(), iv, NOTHING, message, 0, LARGE_BYTES, sealed, 0);
      try {
        gcm.open(new AeadUser(), iv.bytes(), 0, NOTHING, sealed, 0, sealed.length, message, 0);
      } catch (AEADBadTagException e) {
        return false;
      }
    }
    return true;
  }

  /** Issues JDK-8371864 and JDK-8292158 were seen at such. */
  static IntStream lengths() {
    IntStream small = IntStream.rangeClosed(0, 2_048);
    IntStream edges =
        IntStream.rangeClosed(1, 16)
            .flatMap(k -> IntStream.of(k * 512 - 1, k * 512 + 1, k * 768 - 1, k * 768 + 1));
    return IntStream.concat(small, edges);
  }

  static IntStream largeLengths() {
    return IntStream.of(
        (1 << 16) - 1, 1 << 16, (1 << 16) + 1, LARGE_BYTES - 1, LARGE_BYTES, LARGE_BYTES + 1);
  }

  private boolean agrees(AesGcm gcm, Reference reference, byte[] message, int length) {
    byte[] aad = Arrays.copyOf(message, length % 33);
    Iv iv = random.draw(AesGcm.IV_BYTES);
    byte[] sealed = new byte[length + AesGcm.TAG_BYTES];
    gcm.seal(new AeadUser(), iv, aad, message, 0, length, sealed, 0);
    byte[] opened = new byte[length];
    try {
      gcm.open(new AeadUser(), iv.bytes(), 0, aad, sealed, 0, sealed.length, opened, 0);
    } catch (AEADBadTagException e) {
      return false;
    }
    return Arrays.equals(opened, 0, length, message, 0, length)
        && Arrays.equals(reference.seal(iv.bytes(), aad, message, length), sealed);
  }

  /** AES-GCM by the letter of NIST SP 800-38D. */
  static final class Reference {
    private final Cipher aes;
    private final long h1;
    private final long h0;

    Reference(byte[] key) {
      try {
        aes = Engine.ecb();
        aes.init(Cipher.ENCRYPT_MODE, WipeableKey.ofAes(key.clone()));
        byte[] h = aes.doFinal(new byte[BLOCK_BYTES]);
        h1 = load(h, 0);
        h0 = load(h, 8);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    byte[] seal(byte[] iv, byte[] aad, byte[] message, int length) {
      byte[] out = new byte[length + BLOCK_BYTES];
      byte[] stream = keyStream(iv, length / BLOCK_BYTES + 2);
      for (int i = 0; i < length; i++) {
        out[i] = (byte) (message[i] ^ stream[BLOCK_BYTES + i]);
      }
      long[] y = new long[2];
      hash(y, aad, aad.length);
      hash(y, out, length);
      multiply(y, (long) aad.length * Byte.SIZE, (long) length * Byte.SIZE);
      store(y[0] ^ load(stream, 0), out, length);
      store(y[1] ^ load(stream, 8), out, length + 8);
      return out;
    }

    private byte[] keyStream(byte[] iv, int blocks) {
      byte[] counters = new byte[blocks * BLOCK_BYTES];
      for (int i = 0; i < blocks; i++) {
        System.arraycopy(iv, 0, counters, i * BLOCK_BYTES, AesGcm.IV_BYTES);
        int counter = i + 1;
        for (int b = 0; b < Integer.BYTES; b++) {
          counters[i * BLOCK_BYTES + 15 - b] = (byte) (counter >>> (Byte.SIZE * b));
        }
      }
      try {
        return aes.doFinal(counters);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    private void hash(long[] y, byte[] data, int length) {
      int whole = length - length % BLOCK_BYTES;
      for (int i = 0; i < whole; i += BLOCK_BYTES) {
        multiply(y, load(data, i), load(data, i + 8));
      }
      if (whole < length) {
        byte[] last = Arrays.copyOf(Arrays.copyOfRange(data, whole, length), BLOCK_BYTES);
        multiply(y, load(last, 0), load(last, 8));
      }
    }

    /** y = (y xor x) * H in GF(2^128), algorithm 1 of the standard. */
    private void multiply(long[] y, long x1, long x0) {
      long z1 = 0;
      long z0 = 0;
      long v1 = h1;
      long v0 = h0;
      long a1 = y[0] ^ x1;
      long a0 = y[1] ^ x0;
      for (int i = 0; i < 128; i++) {
        long bit = -((i < 64 ? a1 >>> (63 - i) : a0 >>> (127 - i)) & 1);
        z1 ^= v1 & bit;
        z0 ^= v0 & bit;
        long carry = -(v0 & 1) & 0xE100000000000000L;
        v0 = v0 >>> 1 | v1 << 63;
        v1 = v1 >>> 1 ^ carry;
      }
      y[0] = z1;
      y[1] = z0;
    }

    private static long load(byte[] from, int at) {
      long value = 0;
      for (int i = 0; i < Long.BYTES; i++) {
        value = value << Byte.SIZE | (from[at + i] & 0xFF);
      }
      return value;
    }

    private static void store(long value, byte[] to, int at) {
      for (int i = 0; i < Long.BYTES; i++) {
        to[at + i] = (byte) (value >>> (Byte.SIZE * (7 - i)));
      }
    }
  }
}
