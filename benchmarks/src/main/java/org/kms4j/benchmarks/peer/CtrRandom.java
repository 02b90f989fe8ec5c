package org.kms4j.benchmarks.peer;

import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Random bytes as a careful programmer would draw them for one thread: AES-256 in counter mode,
 * seeded by the operating system once, a new key from the stream itself every 4 KiB.
 *
 * <p>It stands in "raw", so that what is measured there is the JDK's AES-GCM and not the lock of a
 * shared {@link SecureRandom}. It keeps nothing of what kms4j's own generator does for a copied
 * process, and is not for use elsewhere. For use by one thread.
 */
public final class CtrRandom extends SecureRandom {
  @Serial private static final long serialVersionUID = 1L;
  private static final int KEY_BYTES = 32;
  private static final int RUN_BYTES = 4 * 1_024;
  private static final byte[] ZERO_COUNTER = new byte[16];

  private final transient Cipher ctr;
  private final byte[] key = new byte[KEY_BYTES];
  private final byte[] run = new byte[RUN_BYTES];
  private int next = RUN_BYTES;

  /** Seeded anew. */
  public CtrRandom() {
    try {
      ctr = Cipher.getInstance("AES/CTR/NoPadding", "SunJCE");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    new SecureRandom().nextBytes(key);
  }

  @Override
  public void nextBytes(byte[] bytes) {
    for (int done = 0; done < bytes.length; ) {
      if (next == RUN_BYTES) {
        refill();
      }
      int length = Math.min(bytes.length - done, RUN_BYTES - next);
      System.arraycopy(run, next, bytes, done, length);
      next += length;
      done += length;
    }
  }

  private void refill() {
    Arrays.fill(run, (byte) 0);
    try {
      ctr.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(ZERO_COUNTER));
      ctr.doFinal(run, 0, RUN_BYTES, run, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    System.arraycopy(run, 0, key, 0, KEY_BYTES);
    Arrays.fill(run, 0, KEY_BYTES, (byte) 0);
    next = KEY_BYTES;
  }
}
