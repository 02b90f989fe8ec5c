package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import org.kms4j.benchmarks.peer.Home;
import org.kms4j.benchmarks.peer.ManyKeys;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
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
 * What a key costs to find: messages of 256 bytes under aes-256-gcm, by the public interface, over
 * SQLite on a disk.
 *
 * <p>{@code seal} and {@code open} take the next key at random. A keyring holds about a thousand
 * keys in memory, so 1 and 1,000 keys are hits, and of 10,000 nine in ten are misses. {@code miss}
 * takes 10,000 keys in a circle: each was dropped long before its turn, so every {@code init} reads
 * the store and unwraps. {@code -p keys=1000000} is for a store of a million, which is made once (a
 * minute) and kept in the build folder. {@code create} and {@code rotate} end when the disk has it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g"})
public class KeyringBenchmark {
  private static final int SIZE = 256;

  /** Keys that are all in one store. */
  @State(Scope.Benchmark)
  public static class Keys {
    @Param({"1", "1000", "10000"})
    int keys;

    private ManyKeys many;

    @Setup(Level.Trial)
    public void open() {
      many = ManyKeys.open(keys);
    }

    @TearDown(Level.Trial)
    public void close() {
      many.close();
    }
  }

  /** One thread's cipher and its walk through the keys. */
  @State(Scope.Thread)
  public static class Walk {
    private final byte[] plaintext = new byte[SIZE];
    private final SplittableRandom random = new SplittableRandom(1);
    private KmsKey[] keys;
    private byte[][] messages;
    private Cipher cipher;

    @Setup(Level.Trial)
    public void begin(Keys all) throws GeneralSecurityException {
      keys = all.many.keys();
      cipher = Cipher.getInstance("KMS/GCM/NoPadding", all.many.home().provider());
      // Of a million the first part alone: each costs a read of the store here.
      messages = new byte[Math.min(keys.length, 10_000)][];
      for (int i = 0; i < messages.length; i++) {
        messages[i] = seal(keys[i]);
      }
    }

    private byte[] seal(KmsKey key) throws GeneralSecurityException {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      return cipher.doFinal(plaintext);
    }

    private byte[] open(int which) throws GeneralSecurityException {
      cipher.init(Cipher.DECRYPT_MODE, keys[which]);
      return cipher.doFinal(messages[which]);
    }
  }

  @Benchmark
  public byte[] seal(Walk walk) throws GeneralSecurityException {
    return walk.seal(walk.keys[walk.random.nextInt(walk.keys.length)]);
  }

  @Benchmark
  public byte[] open(Walk walk) throws GeneralSecurityException {
    return walk.open(walk.random.nextInt(walk.messages.length));
  }

  /** More keys than a keyring keeps in memory. */
  @State(Scope.Benchmark)
  public static class Circle {
    private static final int KEYS = 10_000;

    private ManyKeys many;
    private KmsKey[] keys;
    private Cipher cipher;
    private int next;

    @Setup(Level.Trial)
    public void open() throws GeneralSecurityException {
      many = ManyKeys.open(KEYS);
      keys = many.keys();
      cipher = Cipher.getInstance("KMS/GCM/NoPadding", many.home().provider());
    }

    @TearDown(Level.Trial)
    public void close() {
      many.close();
    }

    private KmsKey next() {
      next = (next + 1) % KEYS;
      return keys[next];
    }
  }

  @Benchmark
  public byte[] miss(Circle circle) throws GeneralSecurityException {
    circle.cipher.init(Cipher.ENCRYPT_MODE, circle.next());
    return circle.cipher.doFinal(new byte[SIZE]);
  }

  /** A store that changes. */
  @State(Scope.Benchmark)
  public static class Changing {
    /** So many that none of them gathers versions in a run. */
    private static final int KEYS = 1_000;

    private ManyKeys many;
    private Home home;
    private KmsKey[] keys;
    private int next;

    @Setup(Level.Trial)
    public void open() {
      many = ManyKeys.open(KEYS);
      home = many.home();
      keys = many.keys();
    }

    @TearDown(Level.Trial)
    public void close() {
      many.close();
    }
  }

  @Benchmark
  public KeyMetadata create(Changing store) throws KeyException {
    return store.home.keyring().create("created-" + store.next++, KeyAlgorithm.AES_256_GCM);
  }

  @Benchmark
  public KeyMetadata rotate(Changing store) throws KeyException {
    return store.home.keyring().rotate(store.keys[store.next++ % store.keys.length].keyId());
  }
}
