package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * Draws random IVs without making threads wait for one another.
 *
 * <p>Each of {@link #STRIPES} generators is AES-256 in counter mode with fast key erasure: one run
 * gives the next key and {@link #RUN_BYTES} less that, and what was handed out is wiped. Every run
 * mixes {@link #SEED_BYTES} from the operating system into the next key, so a copied process parts
 * from its twin within one run. The JDK's own {@link SecureRandom} stands behind one lock and is
 * ten times slower for 12 bytes (benchmarks/README.md).
 *
 * <p>Threat: a guessed or repeated IV. A caller's {@code SecureRandom} never has a say.
 *
 * <p>Safe for use by many threads.
 */
public class IvSource {
  static final int RUN_BYTES = 4 * 1_024;
  static final int SEED_BYTES = 32;
  private static final int STRIPES =
      Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** Seeded from the operating system. */
  public IvSource() {
    SecureRandom os = operatingSystem();
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe(os);
    }
  }

  /** The next IV of {@code length} bytes. */
  public final Iv draw(int length) {
    byte[] iv = new byte[length];
    fill(iv);
    return new Iv(iv);
  }

  void fill(byte[] to) {
    int mine = Slots.indexOfThread(STRIPES);
    for (int i = 0; i < STRIPES; i++) {
      if (stripes[(mine + i) & (STRIPES - 1)].tryFill(to)) {
        return;
      }
    }
    stripes[mine].fill(to);
  }

  private static SecureRandom operatingSystem() {
    try {
      return SecureRandom.getInstance("NativePRNGNonBlocking");
    } catch (NoSuchAlgorithmException e) {
      return new SecureRandom();
    }
  }

  /** One generator. */
  private static final class Stripe {
    private final ReentrantLock lock = new ReentrantLock();
    private final Cipher ctr = Engine.sunJce().ctr();
    private final SecureRandom os;
    private final byte[] key = new byte[SEED_BYTES];
    private final byte[] run = new byte[RUN_BYTES];
    private int next = RUN_BYTES;

    Stripe(SecureRandom os) {
      this.os = os;
    }

    boolean tryFill(byte[] to) {
      if (!lock.tryLock()) {
        return false;
      }
      try {
        copy(to);
        return true;
      } finally {
        lock.unlock();
      }
    }

    void fill(byte[] to) {
      lock.lock();
      try {
        copy(to);
      } finally {
        lock.unlock();
      }
    }

    private void copy(byte[] to) {
      for (int done = 0; done < to.length; ) {
        if (next == RUN_BYTES) {
          refill();
        }
        int length = Math.min(to.length - done, RUN_BYTES - next);
        System.arraycopy(run, next, to, done, length);
        Arrays.fill(run, next, next + length, (byte) 0);
        next += length;
        done += length;
      }
    }

    private void refill() {
      byte[] seed = new byte[SEED_BYTES];
      os.nextBytes(seed);
      for (int i = 0; i < SEED_BYTES; i++) {
        key[i] ^= seed[i];
      }
      WipeableKey once = WipeableKey.ofAes(key.clone());
      try {
        ctr.init(Cipher.ENCRYPT_MODE, once, new IvParameterSpec(new byte[16]));
        ctr.doFinal(run, 0, RUN_BYTES, run, 0);
      } catch (GeneralSecurityException e) {
        throw new ProviderException("the AES engine failed to draw random bytes", e);
      } finally {
        once.destroy();
      }
      System.arraycopy(run, 0, key, 0, SEED_BYTES);
      Arrays.fill(run, 0, SEED_BYTES, (byte) 0);
      next = SEED_BYTES;
    }
  }
}
