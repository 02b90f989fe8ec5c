package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.store.MemoryStore;

/** A {@code Cipher} that is kept spends several seals at a time; no version may notice. */
class SealAheadTest {
  private static final int THREADS = 4;
  private static final int SEALS = 20_000;

  /** Blocks of a 64th of it are large enough to be spent ahead. */
  private static final int LIMIT = 64 * 400;

  @Test
  @Conformance("C-52")
  void ciphersThatAreKeptNeverSealMoreOftenThanTheLimit() throws Exception {
    try (KmsFixture kms = KmsFixture.over(new MemoryStore(), new SealLimit(LIMIT, true))) {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
      AtomicIntegerArray sealed = new AtomicIntegerArray(10);
      ExecutorService pool = Executors.newFixedThreadPool(THREADS);
      List<Future<byte[]>> sealing = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        sealing.add(pool.submit(() -> seal(kms, key, sealed)));
      }
      for (Future<byte[]> last : sealing) {
        assertArrayEquals(new byte[1], kms.open(key, last.get()));
      }
      pool.shutdown();

      int all = 0;
      for (int version = 1; version < sealed.length(); version++) {
        int count = sealed.get(version);
        assertTrue(count <= LIMIT, version + " sealed " + count);
        all += count;
      }
      assertEquals(THREADS * SEALS, all);
      assertTrue(sealed.get(1) > LIMIT * 9 / 10, "little is lost: " + sealed.get(1));
      assertTrue(kms.keyring.describe(key.keyId()).primaryVersion() >= 4);
    }
  }

  /** Gives the last message. */
  private static byte[] seal(KmsFixture kms, KmsKey key, AtomicIntegerArray sealed)
      throws Exception {
    Cipher kept = kms.cipher();
    byte[] message = new byte[0];
    for (int i = 0; i < SEALS; i++) {
      kept.init(Cipher.ENCRYPT_MODE, key);
      message = kept.doFinal(new byte[1]);
      int v01 = 1 + 31;
      sealed.incrementAndGet(
          message.length == v01 ? 1 : ByteBuffer.wrap(message).getInt(message.length - 7));
    }
    return message;
  }
}
