package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import org.kms4j.benchmarks.peer.CtrRandom;
import org.kms4j.benchmarks.peer.Home;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.KmsKey;
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
 * What 12 random bytes cost from each source, with one thread and with two ({@code -t 2}).
 *
 * <p>{@code shared} is one generator for all threads, {@code perThread} one for each. kms4j draws
 * its IV inside {@code Cipher.init}, which cannot be taken apart from outside: {@code
 * kmsInitToSeal} is all of it (resolve the key id, draw), {@code kmsInitToOpen} resolves and draws
 * nothing. The difference is about the draw.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g"})
public class IvBenchmark {
  private static final int IV_BYTES = 12;

  /** Where the bytes come from. */
  public enum Source {
    /** What {@code new SecureRandom()} is on Linux. */
    NATIVE_PRNG,
    DRBG,
    SHA1_PRNG,
    /** AES-256 in counter mode, as in "raw". */
    AES_CTR;

    private SecureRandom open() throws GeneralSecurityException {
      return switch (this) {
        case NATIVE_PRNG -> SecureRandom.getInstance("NativePRNG");
        case DRBG -> SecureRandom.getInstance("DRBG");
        case SHA1_PRNG -> SecureRandom.getInstance("SHA1PRNG");
        case AES_CTR -> new CtrRandom();
      };
    }
  }

  /** One generator for all threads. */
  @State(Scope.Benchmark)
  public static class Shared {
    @Param({"NATIVE_PRNG", "DRBG", "SHA1_PRNG"})
    Source source = Source.NATIVE_PRNG;

    private SecureRandom random;

    @Setup(Level.Trial)
    public void open() throws GeneralSecurityException {
      random = source.open();
    }
  }

  /** One generator for each thread. */
  @State(Scope.Thread)
  public static class PerThread {
    @Param Source source = Source.NATIVE_PRNG;

    private SecureRandom random;

    @Setup(Level.Trial)
    public void open() throws GeneralSecurityException {
      random = source.open();
    }
  }

  @Benchmark
  public byte[] shared(Shared shared) {
    return draw(shared.random);
  }

  @Benchmark
  public byte[] perThread(PerThread own) {
    return draw(own.random);
  }

  /** One KMS key for all threads. */
  @State(Scope.Benchmark)
  public static class Kms {
    private Home home;
    private KmsKey key;

    @Setup(Level.Trial)
    public void open() throws KeyException {
      home = Home.temporary();
      key = KmsKey.of(home.keyring().create("iv", KeyAlgorithm.AES_256_GCM).id());
    }

    @TearDown(Level.Trial)
    public void close() {
      home.close();
    }
  }

  /** One cipher for each thread. */
  @State(Scope.Thread)
  public static class KmsCipher {
    private Cipher cipher;

    @Setup(Level.Trial)
    public void open(Kms kms) throws GeneralSecurityException {
      cipher = Cipher.getInstance("KMS/GCM/NoPadding", kms.home.provider());
    }
  }

  @Benchmark
  @Warmup(iterations = 8, time = 1, timeUnit = TimeUnit.SECONDS)
  public Cipher kmsInitToSeal(Kms kms, KmsCipher own) throws GeneralSecurityException {
    own.cipher.init(Cipher.ENCRYPT_MODE, kms.key);
    return own.cipher;
  }

  @Benchmark
  @Warmup(iterations = 8, time = 1, timeUnit = TimeUnit.SECONDS)
  public Cipher kmsInitToOpen(Kms kms, KmsCipher own) throws GeneralSecurityException {
    own.cipher.init(Cipher.DECRYPT_MODE, kms.key);
    return own.cipher;
  }

  private static byte[] draw(SecureRandom random) {
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    return iv;
  }
}
