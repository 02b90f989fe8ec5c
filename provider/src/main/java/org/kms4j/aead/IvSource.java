package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Draws random IVs without making threads wait for one another.
 *
 * <p>Several generators, each used by one thread at a time ({@link Slots}). Each is AES-256 in
 * counter mode with fast key erasure: one run gives the next key and {@link #RUN_BYTES} less that.
 * Every run mixes {@link #SEED_BYTES} from the operating system into its key, so a copied process
 * parts from its twin within one run, and at once after {@link #reseed}. The JDK's own {@link
 * SecureRandom} stands behind one lock and is several times slower for 12 bytes
 * (benchmarks/README.md); it also reads ahead, so the seeds go past it.
 *
 * <p>Threat: a guessed or repeated IV. A caller's {@code SecureRandom} never has a say.
 *
 * <p>Safe for use by many threads.
 */
public class IvSource {
  static final int RUN_BYTES = 8 * 1_024;
  static final int SEED_BYTES = 32;

  /** The engine's inner loop is compiled once it was entered often, not once it ran for long. */
  private static final int PIECE_BYTES = 512;

  private static final int BATCH = 16;

  private final Slots<Generator> generators;
  private volatile Era era = new Era();
  private volatile int freshness;

  /** The time from one {@link #reseed} to the next. */
  static final class Era {
    private volatile boolean over;

    boolean over() {
      return over;
    }
  }

  /** Seeded from the operating system. */
  public IvSource() {
    SecureRandom os = operatingSystem();
    generators = new Slots<>(() -> new Generator(os));
  }

  /** For one user, to draw from. */
  public final Iv iv() {
    return new Iv(this);
  }

  /** The next IV of {@code length} bytes, for one who needs no other. */
  public final Iv draw(int length) {
    Iv iv = iv();
    iv.draw(length);
    return iv;
  }

  /** How many IVs one who draws often is given at a time. */
  int batch() {
    return BATCH;
  }

  final Era era() {
    return era;
  }

  /** Changes when IVs that were given ahead must not be drawn any more. */
  final int freshness() {
    return freshness;
  }

  /**
   * Ends all that was read ahead: every draw that begins after this has returned comes from
   * randomness that the operating system gives after this was called, and no IV that was drawn
   * before seals any more.
   */
  public final synchronized void reseed() {
    Era old = era;
    era = new Era();
    old.over = true;
    freshen();
  }

  /**
   * Drops what was read ahead and not drawn, so that a process at rest holds nothing that repeats.
   */
  public final synchronized void freshen() {
    freshness++;
    generators.clear();
  }

  void fill(byte[] to) {
    Generator generator = generators.take();
    generator.fill(to, era);
    generators.put(generator);
  }

  static SecureRandom operatingSystem() {
    try {
      return SecureRandom.getInstance("NativePRNGNonBlocking");
    } catch (NoSuchAlgorithmException e) {
      return new SecureRandom();
    }
  }

  /** For use by one thread at a time. */
  static final class Generator {
    private final Cipher ctr = Engine.ctr();
    private final SecureRandom os;
    final byte[] key = new byte[SEED_BYTES];
    final byte[] run = new byte[RUN_BYTES];
    int next = RUN_BYTES;
    private @Nullable Era era;

    Generator(SecureRandom os) {
      this.os = os;
    }

    void fill(byte[] to, Era now) {
      if (era != now) {
        era = now;
        next = RUN_BYTES;
      }
      for (int done = 0; done < to.length; ) {
        if (next == RUN_BYTES) {
          refill();
        }
        int length = Math.min(to.length - done, RUN_BYTES - next);
        System.arraycopy(run, next, to, done, length);
        next += length;
        done += length;
      }
    }

    private void refill() {
      // Not nextBytes: the JDK would give what it read up to 100 ms ago.
      byte[] seed = os.generateSeed(SEED_BYTES);
      for (int i = 0; i < SEED_BYTES; i++) {
        key[i] ^= seed[i];
      }
      WipeableKey once = WipeableKey.ofAes(key.clone());
      Arrays.fill(run, (byte) 0);
      try {
        ctr.init(Cipher.ENCRYPT_MODE, once, new IvParameterSpec(new byte[16]));
        for (int at = 0; at < RUN_BYTES; at += PIECE_BYTES) {
          ctr.update(run, at, PIECE_BYTES, run, at);
        }
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
