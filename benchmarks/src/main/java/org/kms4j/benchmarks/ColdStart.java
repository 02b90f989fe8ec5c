package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Random;

/**
 * Large messages in a fresh JVM: the time of the 1st, 10th and 100th seal and open of 1 MiB after
 * start-up and one small message, for one {@link Peer}. Not JMH, whose warm-up is just what must
 * not happen.
 *
 * <p>{@code java -cp benchmarks/target/benchmarks.jar org.kms4j.benchmarks.ColdStart KMS_AES_REUSED
 * [milliseconds to wait first]}
 */
public final class ColdStart {
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final int ROUNDS = 100;

  private ColdStart() {}

  /** Prints one line: peer, then milliseconds of the three seals and of the three opens. */
  public static void main(String[] args) throws GeneralSecurityException, InterruptedException {
    byte[] plaintext = new byte[MESSAGE_BYTES];
    new Random(1).nextBytes(plaintext);
    try (Home home = new Home()) {
      Peer.Sealer sealer = Peer.valueOf(args[0]).open(home);
      sealer.open(sealer.seal(new byte[16]));
      Thread.sleep(args.length > 1 ? Long.parseLong(args[1]) : 0);
      double[] seals = new double[ROUNDS];
      double[] opens = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        long start = System.nanoTime();
        byte[] message = sealer.seal(plaintext);
        long sealed = System.nanoTime();
        byte[] opened = sealer.open(message);
        opens[i] = (System.nanoTime() - sealed) / 1e6;
        seals[i] = (sealed - start) / 1e6;
        if (opened.length != MESSAGE_BYTES) {
          throw new IllegalStateException("wrong length");
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%-22s seal 1st %6.2f 10th %6.2f 100th %6.2f   open 1st %6.2f 10th %6.2f 100th %6.2f ms%n",
          args[0],
          seals[0],
          seals[9],
          seals[99],
          opens[0],
          opens[9],
          opens[99]);
    }
  }
}
