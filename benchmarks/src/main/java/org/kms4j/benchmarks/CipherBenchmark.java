package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * One message at a time, one thread: what do a seal and an open cost at each {@link Peer}?
 *
 * <p>On two cores the JIT wants six seconds before a cell is steady, so the warm-up is long. {@code
 * -prof gc} adds the bytes allocated. MB/s is {@code size / ns * 1000}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g"})
@State(Scope.Benchmark)
public class CipherBenchmark {
  @Param Peer peer = Peer.KMS_AES_REUSED;

  /** Of the plaintext, in bytes. */
  @Param({"16", "256", "1024", "4096", "65536", "1048576"})
  int size;

  private Home home;
  private Peer.Sealer sealer;
  private byte[] plaintext;
  private byte[] message;

  @Setup(Level.Trial)
  public void open() throws GeneralSecurityException {
    home = new Home();
    sealer = peer.open(home);
    plaintext = new byte[size];
    new Random(1).nextBytes(plaintext);
    message = sealer.seal(plaintext);
  }

  @TearDown(Level.Trial)
  public void close() {
    home.close();
  }

  @Benchmark
  public byte[] encrypt() throws GeneralSecurityException {
    return sealer.seal(plaintext);
  }

  @Benchmark
  public byte[] decrypt() throws GeneralSecurityException {
    return sealer.open(message);
  }
}
