package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;

/** Revoked means revoked: what is disabled, deleted, rotated or closed is wiped and refused. */
class KeyringRevocationTest {
  private final MemoryStore store = new MemoryStore();
  private final KmsFixture kms = KmsFixture.over(store);
  private final Keyring keyring = kms.keyring;

  @AfterEach
  void close() {
    store.cutOff(false);
    kms.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"disable", "delete", "rotate", "forget", "close"})
  @Conformance("C-44")
  void materialIsWipedWhen(String verb) throws Exception {
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      boolean fixed = algorithm.usage() != KeyUsage.ENCRYPT_DECRYPT;
      if (fixed && verb.equals("rotate")) {
        continue;
      }
      KmsFixture own = KmsFixture.open();
      KmsKey key = own.key(algorithm, fixed ? 1 : 2);
      ResolvedKey held = own.keyring.resolve(key.keyId(), algorithm.usage());
      List<KeyMaterial> materials =
          fixed ? List.of(held.primary()) : List.of(held.version(1), held.primary());

      switch (verb) {
        case "disable" -> own.keyring.disable(key.keyId());
        case "delete" -> own.keyring.delete(key.keyId());
        case "rotate" -> own.keyring.rotate(key.keyId());
        case "forget" -> own.keyring.cache().forget(key.keyId());
        default -> own.close();
      }

      assertTrue(held.destroyed());
      materials.forEach(KeyringRevocationTest::assertWiped);
      own.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"disable", "delete"})
  @Conformance({"C-18", "C-44"})
  void cipherThatWasInitialisedBeforeIsRefusedWithTheCause(String verb) throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    Cipher sealing = kms.sealing(key);

    if (verb.equals("disable")) {
      keyring.disable(key.keyId());
    } else {
      keyring.delete(key.keyId());
    }

    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> sealing.doFinal(new byte[1]));
    assertTrue(KmsFixture.message(e).contains(key.keyId().toString()));
    assertInstanceOf(InvalidKeyException.class, e.getCause());
  }

  @Test
  @Conformance({"C-50", "C-18"})
  void nothingIsSealedOnceDisableHasReturnedUnderLoadOfEightThreads() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    // Odd while the key is disabled for certain.
    AtomicInteger phase = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    AtomicInteger sealed = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<Future<Integer>> sealing = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      boolean initFirst = i % 2 == 0;
      sealing.add(
          pool.submit(
              () -> {
                while (!stop.get()) {
                  (trySeal(phase, key, initFirst) ? sealed : refused).incrementAndGet();
                }
                return 0;
              }));
    }

    for (int round = 0; round < 400; round++) {
      keyring.disable(key.keyId());
      phase.incrementAndGet();
      awaitMore(refused, round);
      phase.incrementAndGet();
      keyring.enable(key.keyId());
      awaitMore(sealed, round);
    }
    stop.set(true);

    for (Future<Integer> thread : sealing) {
      assertEquals(0, thread.get());
    }
    pool.shutdown();
  }

  /** Three rounds of four follow at once, so that a change overtakes reads under way. */
  private static void awaitMore(AtomicInteger count, int round) {
    int before = count.get();
    while (round % 4 == 0 && count.get() == before) {
      Thread.onSpinWait();
    }
  }

  /** Fails if a seal began and ended while the key was disabled. */
  private boolean trySeal(AtomicInteger phase, KmsKey key, boolean initFirst)
      throws GeneralSecurityException {
    Cipher cipher = kms.cipher();
    try {
      int before = phase.get();
      cipher.init(Cipher.ENCRYPT_MODE, key);
      if (initFirst) {
        before = phase.get();
      }
      cipher.doFinal(new byte[16]);
      int after = phase.get();
      assertFalse(before % 2 == 1 && before == after, "sealed under a disabled key");
      return true;
    } catch (KeyStateException e) {
      assertEquals(key.keyId(), e.keyId());
      return false;
    } catch (IllegalStateException e) {
      assertTrue(KmsFixture.message(e).contains("revoked since init"));
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Conformance("C-50")
  void messageOfAVersionThatAnotherKeyringJustMadeOpensAtOnce(KeyAlgorithm algorithm)
      throws Exception {
    KmsKey key = kms.key(algorithm);
    try (KmsFixture twin = KmsFixture.over(store)) {
      for (int version = 2; version < 20; version++) {
        byte[] before = twin.seal(key, new byte[3]);
        Cipher opening = twin.opening(key);

        // Without waiting for the twin, which must do without having been told.
        keyring.rotate(key.keyId(), Duration.ZERO);
        byte[] after = kms.seal(key, new byte[5]);

        assertArrayEquals(new byte[5], opening.doFinal(after));
        assertArrayEquals(new byte[3], opening.doFinal(before));
        KmsKey pinned = KmsKey.of(key.keyId(), version);
        assertArrayEquals(new byte[5], twin.open(pinned, after));
      }
    }
  }

  @Test
  void versionThatNobodyMadeIsRefusedAsEver() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM, 2);
    byte[] message = kms.seal(key, new byte[3]);
    message[4] = 77;

    assertThrows(AEADBadTagException.class, () -> kms.open(key, message));
    KmsKey unborn = KmsKey.of(key.keyId(), 3);
    KeyNotFoundException e = assertThrows(KeyNotFoundException.class, () -> kms.opening(unborn));
    assertEquals(key.keyId(), e.keyId());
  }

  @Test
  void onceDisableHasReturnedNoOtherKeyringOverTheStoreUsesTheKey() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    try (KmsFixture twin = KmsFixture.over(store)) {
      byte[] message = twin.seal(key, new byte[3]);
      Cipher initialised = twin.sealing(key);

      keyring.disable(key.keyId());

      assertThrows(KeyStateException.class, () -> twin.seal(key, new byte[1]));
      assertThrows(IllegalStateException.class, () -> initialised.doFinal(new byte[1]));
      assertThrows(KeyStateException.class, () -> twin.open(key, message));
    }
  }

  @Test
  void processCutOffFromItsStoreSealsNothingMoreThoughInitialisedBefore() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    byte[] message = kms.seal(key, new byte[3]);
    Cipher sealing = kms.sealing(key);
    Cipher opening = kms.opening(key);

    store.cutOff(true);
    awaitStoreException(key);

    // What it remembers may have been revoked elsewhere a long time ago.
    assertThrows(StoreException.class, () -> sealing.doFinal(new byte[1]));
    assertThrows(StoreException.class, () -> opening.doFinal(message));
    store.cutOff(false);
    assertArrayEquals(new byte[3], kms.open(key, message));
  }

  private void awaitStoreException(KmsKey key) throws Exception {
    while (true) {
      try {
        keyring.describe(key.keyId());
      } catch (StoreException e) {
        return;
      }
      Thread.onSpinWait();
    }
  }

  @Test
  @Conformance("C-18")
  void initialisedMacIsRefusedOnceItsKeyWasDisabled() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.HMAC_SHA_256);
    Mac mac = Mac.getInstance("HmacSHA256", kms.provider);
    mac.init(key);
    mac.doFinal(new byte[1]);

    keyring.disable(key.keyId());

    // Begun after disable() returned: "this process begins no operation with the key".
    assertThrows(IllegalStateException.class, () -> mac.doFinal(new byte[1]));
  }

  private static void assertWiped(KeyMaterial material) {
    if (material instanceof KeyMaterial.Sealing sealing) {
      byte[] message = new byte[100];
      byte[] to = new byte[100];
      assertThrows(
          DestroyedKeyException.class,
          () ->
              sealing.aead().open(new AeadUser(), message, 0, new byte[0], message, 24, 70, to, 0));
    } else if (material instanceof KeyMaterial.Signing pair) {
      assertTrue(pair.secret().isDestroyed());
      assertThrows(DestroyedKeyException.class, pair::privateKey);
    } else {
      assertTrue(((KeyMaterial.Authenticating) material).secret().isDestroyed());
    }
  }
}
