package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class WipeableKeyTest {
  private static byte[] ones(int length) {
    byte[] ones = new byte[length];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  @Test
  void copyTakenWhileTheKeyIsDestroyedHoldsNoWipedByte() throws Exception {
    // Longer than any key, so that copying and wiping take long enough to meet.
    byte[] ones = ones(16 * 1_024);
    CyclicBarrier go = new CyclicBarrier(2);
    ExecutorService reader = Executors.newSingleThreadExecutor();
    int copies = 0;
    for (int round = 0; round < 3_000; round++) {
      WipeableKey key = WipeableKey.of("AES", ones);
      Future<Integer> reading =
          reader.submit(
              () -> {
                go.await();
                return copiesUntilDestroyed(key, ones);
              });

      go.await();
      key.destroy();

      copies += reading.get();
    }
    reader.shutdown();
    assertTrue(copies > 0, "the race never took place");
  }

  private static int copiesUntilDestroyed(WipeableKey key, byte[] whole) {
    int copies = 0;
    while (true) {
      byte[] copy;
      try {
        copy = key.getEncoded();
      } catch (DestroyedKeyException e) {
        return copies;
      }
      assertArrayEquals(whole, copy);
      copies++;
    }
  }

  @Test
  void destroyedKeyGivesNothing() {
    WipeableKey key = WipeableKey.of("AES", ones(16));
    assertFalse(key.isDestroyed());

    key.destroy();
    key.destroy();

    assertTrue(key.isDestroyed());
    assertThrows(DestroyedKeyException.class, key::getEncoded);
    assertThrows(DestroyedKeyException.class, key::requireAlive);
  }

  @Test
  void destroyWipesTheArrayItself() {
    byte[] taken = ones(32);
    WipeableKey key = WipeableKey.ofAes(taken);

    key.destroy();

    assertArrayEquals(new byte[32], taken);
  }

  @Test
  void textShowsNoByteOfTheKey() {
    assertEquals("WipeableKey[AES, 128 bits]", WipeableKey.of("AES", ones(16)).toString());
  }

  @Test
  void bytesAreCopiedInAndOut() {
    byte[] mine = ones(16);
    WipeableKey key = WipeableKey.of("HmacSHA256", mine);

    Arrays.fill(mine, (byte) 2);
    Arrays.fill(key.getEncoded(), (byte) 3);

    assertArrayEquals(ones(16), key.getEncoded());
    assertEquals("RAW", key.getFormat());
    assertEquals("HmacSHA256", key.getAlgorithm());
  }

  @Test
  void refusesToBeSerialised() throws Exception {
    WipeableKey key = WipeableKey.of("AES", ones(16));
    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
      assertThrows(NotSerializableException.class, () -> out.writeObject(key));
    }
  }
}
