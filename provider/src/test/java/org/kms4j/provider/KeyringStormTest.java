package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyStateException;
import org.kms4j.store.MemoryStore;

/** Many threads on few keys that change under them. */
class KeyringStormTest {
  private static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;

  private final MemoryStore store = new MemoryStore();
  private final KmsFixture kms = KmsFixture.over(store);
  private final Keyring keyring = kms.keyring;

  @AfterEach
  void close() {
    kms.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Conformance({"C-49", "C-50"})
  void everyMessageOpensOrFailsAsDocumentedAndEveryIvIsNew(KeyAlgorithm algorithm)
      throws Exception {
    KmsKey key = kms.key(algorithm);
    Set<ByteBuffer> ivs = ConcurrentHashMap.newKeySet();
    AtomicInteger drawn = new AtomicInteger();
    AtomicInteger opened = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(17);
    Future<Object> changing =
        pool.submit(
            () -> {
              Random random = new Random(11);
              for (int round = 0; round < 150; round++) {
                switch (random.nextInt(4)) {
                  case 0 -> keyring.rotate(key.keyId());
                  case 1 -> keyring.cache().forgetAll();
                  default -> {
                    keyring.disable(key.keyId());
                    keyring.enable(key.keyId());
                  }
                }
                int before = opened.get();
                while (round % 3 == 0 && opened.get() == before) {
                  Thread.onSpinWait();
                }
              }
              stop.set(true);
              return 0;
            });
    List<Future<Object>> working = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Random random = new Random(i);
      working.add(
          pool.submit(
              () -> {
                while (!stop.get()) {
                  work(key, random, ivs, drawn, opened);
                }
                return 0;
              }));
    }

    assertEquals(0, changing.get());
    for (Future<Object> worker : working) {
      assertEquals(0, worker.get());
    }
    pool.shutdown();

    assertEquals(drawn.get(), ivs.size());
    assertTrue(opened.get() > 100, "opened " + opened.get());
    keyring.enable(key.keyId());
    assertEquals(1, kms.open(key, kms.seal(key, new byte[1])).length);
  }

  private void work(
      KmsKey key, Random random, Set<ByteBuffer> ivs, AtomicInteger drawn, AtomicInteger opened)
      throws GeneralSecurityException {
    byte[] plaintext = new byte[random.nextInt(300)];
    random.nextBytes(plaintext);
    try {
      Cipher cipher = kms.cipher();
      cipher.init(Cipher.ENCRYPT_MODE, key);
      ivs.add(ByteBuffer.wrap(cipher.getIV()));
      drawn.incrementAndGet();
      byte[] message = cipher.doFinal(plaintext);
      cipher.init(Cipher.DECRYPT_MODE, key);
      assertArrayEquals(plaintext, cipher.doFinal(message));
      opened.incrementAndGet();
      if (random.nextInt(4) == 0) {
        message[12 + random.nextInt(8)] ^= 4;
        assertThrows(AEADBadTagException.class, () -> kms.open(key, message));
      }
    } catch (KeyStateException e) {
      assertEquals(key.keyId(), e.keyId());
    } catch (IllegalStateException e) {
      assertTrue(KmsFixture.message(e).contains("revoked since init"), e::toString);
    } catch (AssertionError e) {
      // The tampered message may meet a disabled key first.
      if (!(e.getCause() instanceof KeyStateException
          || e.getCause() instanceof IllegalStateException)) {
        throw e;
      }
    }
  }

  @Test
  void keysOfManyThreadsComeAndGo() throws Exception {
    Set<UUID> ids = ConcurrentHashMap.newKeySet();

    Threads.run(
        8,
        () -> {
          for (int i = 0; i < 40; i++) {
            KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);
            assertTrue(ids.add(key.keyId()));
            byte[] message = kms.seal(key, new byte[8]);
            assertEquals(8, kms.open(key, message).length);
            keyring.delete(key.keyId());
            assertThrows(KeyNotFoundException.class, () -> kms.open(key, message));
          }
          return 0;
        });

    assertEquals(320, new HashSet<>(ids).size());
    assertEquals(0, keyring.list(KeyQuery.first(PROJECT, 10)).total());
  }
}
