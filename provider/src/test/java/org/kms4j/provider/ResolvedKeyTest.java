package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.Engine;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.StoreException;
import org.kms4j.store.StoredKey;

class ResolvedKeyTest {
  private final AtomicInteger unwraps = new AtomicInteger();
  private final RootKey rootKey = new CountingRootKey(KmsFixture.rootKey(), unwraps);
  private final KeyMetadata two = key(2);

  /** Counts, and else is the root key that it was given. */
  private record CountingRootKey(RootKey inner, AtomicInteger unwraps) implements RootKey {
    @Override
    public String id() {
      return inner.id();
    }

    @Override
    public byte[] wrap(byte[] material, byte[] aad) {
      return inner.wrap(material, aad);
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] aad) {
      unwraps.incrementAndGet();
      return inner.unwrap(wrapped, aad);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  @AfterEach
  void close() {
    rootKey.close();
  }

  private static KeyMetadata key(int primary) {
    Instant now = Instant.EPOCH;
    return new KeyMetadata(
        new UUID(1, 2),
        "p",
        "n",
        "",
        KeyAlgorithm.AES_256_GCM,
        KeyState.ENABLED,
        false,
        primary,
        now,
        now);
  }

  private WrappedKey wrapped(KeyMetadata key, int version) {
    byte[] aad = WrappedKey.aad(key, version, rootKey.id());
    return WrappedKey.of(key, version, rootKey.id(), rootKey.wrap(new byte[32], aad));
  }

  private ResolvedKey resolved(KeyMetadata key, WrappedKey... versions) {
    StoredKey stored = new StoredKey(key, List.of(versions));
    return new ResolvedKey(stored, rootKey, Engine.sunJce(), KmsFixture.budgets());
  }

  @Test
  void versionsAreUnwrappedWhenAskedForAndOnce() throws Exception {
    ResolvedKey key = resolved(two, wrapped(two, 1), wrapped(two, 2));
    assertEquals(0, unwraps.get());

    KeyMaterial primary = key.primary();

    assertEquals(2, primary.version());
    assertSame(primary, key.version(2));
    assertEquals(1, key.version(1).version());
    assertEquals(2, unwraps.get());
  }

  @Test
  void manyThreadsThatAskForOneVersionCauseOneUnwrap() throws Exception {
    for (int round = 0; round < 200; round++) {
      ResolvedKey key = resolved(two, wrapped(two, 1), wrapped(two, 2));
      unwraps.set(0);
      ExecutorService pool = Executors.newFixedThreadPool(8);
      List<Future<KeyMaterial>> asking = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        asking.add(pool.submit(key::primary));
      }
      for (Future<KeyMaterial> one : asking) {
        assertSame(key.primary(), one.get());
      }
      pool.shutdown();
      assertEquals(1, unwraps.get());
    }
  }

  @Test
  void versionThatIsNotThereIsNotFound() {
    ResolvedKey key = resolved(two, wrapped(two, 1), wrapped(two, 2));
    for (int version : new int[] {-1, 0, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      KeyNotFoundException e = assertThrows(KeyNotFoundException.class, () -> key.version(version));

      assertEquals(two.id(), e.keyId());
      assertFalse(key.hasVersion(version));
    }
    assertTrue(key.hasVersion(1) && key.hasVersion(2));
  }

  @Test
  void destroyedKeyUnwrapsNothingMore() {
    ResolvedKey key = resolved(two, wrapped(two, 1), wrapped(two, 2));
    KeyMaterial.Sealing held = (KeyMaterial.Sealing) key.primary();

    key.destroy();
    key.destroy();

    assertTrue(key.destroyed());
    assertThrows(DestroyedKeyException.class, () -> key.version(1));
    byte[] message = new byte[40];
    byte[] to = new byte[40];
    assertThrows(
        DestroyedKeyException.class,
        () -> held.aead().open(new AeadUser(), message, 0, new byte[0], message, 12, 20, to, 0));
  }

  @Test
  void storeThatLostAVersionIsNotServed() {
    WrappedKey first = wrapped(two, 1);
    WrappedKey second = wrapped(two, 2);

    assertThrows(StoreException.class, () -> resolved(two, second));
    assertThrows(StoreException.class, () -> resolved(two, first));
    assertThrows(StoreException.class, () -> resolved(two));
    assertThrows(StoreException.class, () -> resolved(two, second, first));
    assertThrows(StoreException.class, () -> resolved(two, first, second, wrapped(two, 3)));
  }

  @Test
  void rowOfAnotherRootKeyNamesBoth() {
    KeyMetadata one = key(1);
    WrappedKey foreign = WrappedKey.of(one, 1, "aes256-other", wrapped(one, 1).bytes());
    ResolvedKey key = resolved(one, foreign);

    RootKeyException e = assertThrows(RootKeyException.class, key::primary);

    assertTrue(KmsFixture.message(e).contains("aes256-other"));
    assertTrue(KmsFixture.message(e).contains(rootKey.id()));
    assertEquals(0, unwraps.get());
  }

  @Test
  void swappedVersionsDoNotUnwrap() {
    WrappedKey first = wrapped(two, 1);
    WrappedKey second = wrapped(two, 2);
    ResolvedKey key =
        resolved(
            two,
            WrappedKey.of(two, 1, rootKey.id(), second.bytes()),
            WrappedKey.of(two, 2, rootKey.id(), first.bytes()));

    assertThrows(RootKeyException.class, () -> key.version(1));
    assertThrows(RootKeyException.class, () -> key.version(2));
  }
}
