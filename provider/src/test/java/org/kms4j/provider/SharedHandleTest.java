package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/** One handle for very many threads, each with a {@code Cipher} of its own. */
class SharedHandleTest {
  private static final int PLATFORM_THREADS = 64;
  private static final int VIRTUAL_THREADS = 10_000;

  private final KmsFixture kms = KmsFixture.open();
  private final Set<ByteBuffer> ivs = ConcurrentHashMap.newKeySet();

  @AfterEach
  void close() {
    kms.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Conformance("C-49")
  void platformThreadsDrawNoIvTwice(KeyAlgorithm algorithm) throws Exception {
    KmsKey key = kms.key(algorithm);

    inThreads(Executors.newFixedThreadPool(PLATFORM_THREADS), PLATFORM_THREADS, key, 200);

    assertEquals(PLATFORM_THREADS * 200, ivs.size());
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Conformance("C-49")
  void virtualThreadsDrawNoIvTwice(KeyAlgorithm algorithm) throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "skipped: this JDK has no virtual threads");
    KmsKey key = kms.key(algorithm);
    // By name, since this is compiled for a JDK that lacks it.
    ExecutorService pool =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);

    inThreads(pool, VIRTUAL_THREADS, key, 3);

    assertEquals(VIRTUAL_THREADS * 3, ivs.size());
  }

  /** All begin at once, when the last is there. */
  private void inThreads(ExecutorService pool, int count, KmsKey key, int rounds) throws Exception {
    CountDownLatch there = new CountDownLatch(count);
    Threads.run(
        pool,
        count,
        () -> {
          Cipher cipher = kms.cipher();
          there.countDown();
          there.await();
          for (int round = 0; round < rounds; round++) {
            work(cipher, key, round);
          }
          return 0;
        });
  }

  private void work(Cipher cipher, KmsKey key, int round) throws Exception {
    byte[] plaintext = KmsFixture.text("round " + round);
    cipher.init(Cipher.ENCRYPT_MODE, key);
    ivs.add(ByteBuffer.wrap(cipher.getIV()));
    byte[] message = cipher.doFinal(plaintext);
    cipher.init(Cipher.DECRYPT_MODE, key);
    assertArrayEquals(plaintext, cipher.doFinal(message));
  }
}
