package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.kms4j.benchmarks.peer.Home;
import org.kms4j.benchmarks.peer.Peer;
import org.kms4j.benchmarks.peer.Sealer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Large messages in a fresh JVM: each fork opens the peer, seals one small message, waits, and then
 * seals (or opens) 1 MiB a hundred times. The report takes the 1st, 10th and 100th of each fork;
 * the mean over the hundred, which JMH prints, says nothing.
 *
 * <p>The wait stands for what a server does before its first large message; kms4j's self-test,
 * which brings the path of large messages to compiled code, is at work in it.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 100)
@Fork(
    value = 3,
    jvmArgs = {"-Xms1g", "-Xmx1g"})
@State(Scope.Benchmark)
public class ColdStartBenchmark {
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final int SMALL_BYTES = 16;

  @Param({"KMS_AES_REUSED", "KMS_XAES_REUSED", "SUNJCE_RAW"})
  Peer peer = Peer.KMS_AES_REUSED;

  /** Milliseconds between the small message and the first large one. */
  @Param({"0", "2000"})
  int pause;

  private Home home;
  private Sealer sealer;
  private byte[] plaintext;

  @Setup(Level.Trial)
  public void start() throws GeneralSecurityException, InterruptedException {
    plaintext = new byte[MESSAGE_BYTES];
    new Random(1).nextBytes(plaintext);
    home = Home.temporary();
    sealer = peer.open(home).of(new byte[0]);
    sealer.open(sealer.seal(new byte[SMALL_BYTES]));
    Thread.sleep(pause);
  }

  @TearDown(Level.Trial)
  public void close() {
    home.close();
  }

  @Benchmark
  public byte[] seal() throws GeneralSecurityException {
    return sealer.seal(plaintext);
  }

  @Benchmark
  public byte[] open(Sealed sealed) throws GeneralSecurityException {
    return sealer.open(sealed.message);
  }

  /** One large message. */
  @State(Scope.Benchmark)
  public static class Sealed {
    private byte[] message;

    @Setup(Level.Trial)
    public void seal(ColdStartBenchmark cold) throws GeneralSecurityException {
      message = cold.sealer.seal(cold.plaintext);
    }
  }
}
