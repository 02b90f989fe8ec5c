package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.kms4j.benchmarks.peer.Home;
import org.kms4j.benchmarks.peer.Peer;
import org.kms4j.benchmarks.peer.Sealer;
import org.kms4j.benchmarks.peer.Sealers;
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
 * One message at a time: what do a seal and an open cost at each {@link Peer}?
 *
 * <p>With {@code -t 2} two threads use one key, each with a sealer of its own. On two cores the JIT
 * wants six seconds before a cell is steady, so the warm-up is long. {@code -prof gc} adds the
 * bytes allocated. MB/s is {@code size / ns * 1000}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g"})
public class CipherBenchmark {

  /** What the threads share. */
  @State(Scope.Benchmark)
  public static class Shared {
    @Param Peer peer = Peer.KMS_AES_REUSED;

    /** Of the plaintext, in bytes. */
    @Param({"16", "256", "1024", "4096", "65536", "1048576"})
    int size;

    /** Of the AAD, in bytes. */
    @Param("0")
    int aad;

    private Home home;
    private Sealers sealers;

    @Setup(Level.Trial)
    public void open() throws GeneralSecurityException {
      home = Home.temporary();
      sealers = peer.open(home);
    }

    @TearDown(Level.Trial)
    public void close() {
      home.close();
    }
  }

  /** What each thread has for itself. */
  @State(Scope.Thread)
  public static class Own {
    private Sealer sealer;
    private byte[] plaintext;
    private byte[] message;

    @Setup(Level.Trial)
    public void begin(Shared shared) throws GeneralSecurityException {
      sealer = shared.sealers.of(new byte[shared.aad]);
      plaintext = new byte[shared.size];
      new Random(1).nextBytes(plaintext);
      message = sealer.seal(plaintext).clone();
    }
  }

  @Benchmark
  public byte[] encrypt(Own own) throws GeneralSecurityException {
    return own.sealer.seal(own.plaintext);
  }

  @Benchmark
  public byte[] decrypt(Own own) throws GeneralSecurityException {
    return own.sealer.open(own.message);
  }
}
