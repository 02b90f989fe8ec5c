package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.aead.IvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;

class KeyringTest {
  private static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;
  private static final UUID NOBODY = UUID.fromString("00000000-0000-0000-0000-00000000dead");

  private final MemoryStore store = new MemoryStore();
  private final KmsFixture kms = KmsFixture.over(store);
  private final Keyring keyring = kms.keyring;

  @AfterEach
  void close() {
    store.cutOff(false);
    kms.close();
  }

  @Nested
  class Life {
    @Test
    void createdKeyIsDescribedAsItWasMade() throws Exception {
      KeyMetadata made =
          keyring.create(
              new NewKeySpec("shop", "orders", "for orders", KeyAlgorithm.XAES_256_GCM, true));

      assertEquals("shop", made.project());
      assertEquals("orders", made.name());
      assertEquals("for orders", made.description());
      assertEquals(KeyAlgorithm.XAES_256_GCM, made.algorithm());
      assertEquals(KeyState.ENABLED, made.state());
      assertTrue(made.exportable());
      assertEquals(1, made.primaryVersion());
      assertEquals(made.createdAt(), made.updatedAt());
      assertEquals(made, keyring.describe(made.id()));
      assertEquals(Optional.of(made), keyring.findByName("shop", "orders"));
    }

    @Test
    void timeComesFromTheClockToTheMillisecond() throws Exception {
      Instant now = Instant.parse("2026-11-24T10:00:00.123456789Z");
      try (Keyring fixed =
          Keyring.open(
              new MemoryStore(),
              KmsFixture.rootKey(),
              AesEngine.SUN_JCE,
              SealLimit.DEFAULT,
              Clock.fixed(now, ZoneOffset.UTC),
              new IvSource())) {

        KeyMetadata made = fixed.create("orders", KeyAlgorithm.AES_256_GCM);

        assertEquals(Instant.parse("2026-11-24T10:00:00.123Z"), made.createdAt());
      }
    }

    @Test
    void namesAreUniqueWithinAProjectAlone() throws Exception {
      KeyMetadata first = keyring.create("orders", KeyAlgorithm.AES_256_GCM);
      NewKeySpec same = NewKeySpec.of("orders", KeyAlgorithm.AES_128_GCM);

      KeyNameTakenException e =
          assertThrows(KeyNameTakenException.class, () -> keyring.create(same));
      KeyMetadata elsewhere = keyring.create(same.inProject("shop"));

      assertEquals("orders", e.name());
      assertEquals(PROJECT, e.project());
      assertNotEquals(first.id(), elsewhere.id());
      assertEquals(Optional.of(first), keyring.findByName(PROJECT, "orders"));
      assertEquals(Optional.empty(), keyring.findByName("shop", "order"));
    }

    @Test
    void rotationAddsAVersionAndKeepsTheRest() throws Exception {
      KeyMetadata made = keyring.create("orders", KeyAlgorithm.AES_256_GCM);

      KeyMetadata rotated = keyring.rotate(made.id());

      assertEquals(2, rotated.primaryVersion());
      assertEquals(rotated, keyring.describe(made.id()));
      assertEquals(made, rotated.withPrimaryVersion(1).withUpdatedAt(made.updatedAt()));
    }

    @Test
    void rotationsOfManyThreadsGiveConsecutiveVersions() throws Exception {
      UUID id = keyring.create("orders", KeyAlgorithm.AES_256_GCM).id();
      Set<Integer> versions = ConcurrentHashMap.newKeySet();

      inThreads(
          8,
          () -> {
            for (int i = 0; i < 12; i++) {
              assertTrue(versions.add(keyring.rotate(id).primaryVersion()));
            }
            return 0;
          });

      assertEquals(96, versions.size());
      assertEquals(2, new TreeSet<>(versions).first());
      assertEquals(97, keyring.describe(id).primaryVersion());
    }

    @Test
    void disabledKeyDoesNotRotate() throws Exception {
      UUID id = keyring.create("orders", KeyAlgorithm.AES_256_GCM).id();
      keyring.disable(id);

      KeyStateException e = assertThrows(KeyStateException.class, () -> keyring.rotate(id));

      assertEquals(id, e.keyId());
      assertEquals(KeyState.DISABLED, e.state());
      keyring.enable(id);
      assertEquals(2, keyring.rotate(id).primaryVersion());
    }

    @Test
    void macKeysDoNotRotate() throws Exception {
      UUID id = keyring.create("mac", KeyAlgorithm.HMAC_SHA_256).id();

      KeyUsageException e = assertThrows(KeyUsageException.class, () -> keyring.rotate(id));

      assertEquals(KeyUsage.GENERATE_VERIFY_MAC, e.actual());
    }

    @Test
    void updateChangesNameDescriptionAndStateAndNothingElse() throws Exception {
      KeyMetadata made = keyring.create("orders", KeyAlgorithm.AES_256_GCM);

      KeyMetadata updated =
          keyring.update(
              made.id(),
              key ->
                  key.withName("invoices")
                      .withDescription("text")
                      .withState(KeyState.DISABLED)
                      .withPrimaryVersion(9));

      assertEquals("invoices", updated.name());
      assertEquals("text", updated.description());
      assertEquals(KeyState.DISABLED, updated.state());
      assertEquals(1, updated.primaryVersion());
      assertEquals(updated, keyring.describe(made.id()));
      assertEquals(Optional.empty(), keyring.findByName(PROJECT, "orders"));
    }

    @Test
    void updateToATakenOrBadNameChangesNothing() throws Exception {
      keyring.create("orders", KeyAlgorithm.AES_256_GCM);
      KeyMetadata other = keyring.create("invoices", KeyAlgorithm.AES_256_GCM);

      KeyNameTakenException e =
          assertThrows(
              KeyNameTakenException.class,
              () -> keyring.update(other.id(), key -> key.withName("orders")));
      for (String bad : List.of("", "x".repeat(256), "new\nline")) {
        assertThrows(
            IllegalArgumentException.class,
            () -> keyring.update(other.id(), key -> key.withName(bad)));
      }

      assertEquals("orders", e.name());
      assertEquals(other, keyring.describe(other.id()));
    }

    @Test
    void deletedKeyIsGoneWithAllItsVersions() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM, 3);
      byte[] message = kms.seal(key, new byte[1]);

      KeyMetadata deleted = keyring.delete(key.keyId());

      assertEquals(3, deleted.primaryVersion());
      assertThrows(KeyNotFoundException.class, () -> kms.open(key, message));
      assertThrows(KeyNotFoundException.class, () -> keyring.describe(key.keyId()));
      assertEquals(Optional.empty(), keyring.findByName(PROJECT, deleted.name()));
    }

    @Test
    void unknownKeyIsNamedByEveryVerb() {
      List<Callable<Object>> verbs =
          List.of(
              () -> keyring.describe(NOBODY),
              () -> keyring.rotate(NOBODY),
              () -> keyring.enable(NOBODY),
              () -> keyring.disable(NOBODY),
              () -> keyring.delete(NOBODY),
              () -> keyring.update(NOBODY, key -> key));
      for (Callable<Object> verb : verbs) {
        KeyNotFoundException e = assertThrows(KeyNotFoundException.class, verb::call);
        assertEquals(NOBODY, e.keyId());
      }
    }

    @Test
    void specOutsideItsLimitsIsRefused() {
      KeyAlgorithm any = KeyAlgorithm.AES_256_GCM;
      assertThrows(IllegalArgumentException.class, () -> NewKeySpec.of("x".repeat(256), any));
      assertThrows(IllegalArgumentException.class, () -> NewKeySpec.of("a\u0000b", any));
      assertThrows(
          IllegalArgumentException.class,
          () -> new NewKeySpec(PROJECT, "a", "x".repeat(501), any, false));
      assertThrows(IllegalArgumentException.class, () -> NewKeySpec.of("a", any).inProject(""));
      assertEquals(255, NewKeySpec.of("x".repeat(255), any).name().length());
    }
  }

  @Nested
  class Listing {
    @Test
    void pagesSearchAndOrder() throws Exception {
      for (String name : List.of("b_1", "a%1", "C", "bx1", "d")) {
        keyring.create(name, KeyAlgorithm.AES_256_GCM);
      }
      keyring.create(NewKeySpec.of("elsewhere", KeyAlgorithm.AES_256_GCM).inProject("shop"));

      assertEquals(List.of("C", "a%1", "b_1", "bx1", "d"), names("", false, 0, 9));
      assertEquals(List.of("d", "bx1", "b_1", "a%1", "C"), names("", true, 0, 9));
      assertEquals(List.of("a%1", "b_1"), names("", false, 1, 2));
      assertEquals(List.of("b_1"), names("_", false, 0, 9));
      assertEquals(List.of("a%1"), names("%", false, 0, 9));
      assertEquals(List.of("b_1", "bx1"), names("B", false, 0, 9));
      assertEquals(List.of(), names("", false, 5, 9));
      KeyPage page = keyring.list(new KeyQuery(PROJECT, "1", false, 1, 1));
      assertEquals(3, page.total());
      assertEquals(1, page.keys().size());
    }

    private List<String> names(String search, boolean descending, int offset, int limit) {
      KeyQuery query = new KeyQuery(PROJECT, search, descending, offset, limit);
      return keyring.list(query).keys().stream().map(KeyMetadata::name).toList();
    }
  }

  @Nested
  class Import {
    @ParameterizedTest
    @EnumSource
    void takesExactlyTheLengthOfTheAlgorithm(KeyAlgorithm algorithm) throws Exception {
      for (int length : new int[] {0, 15, 16, 24, 31, 32, 33, 64}) {
        UUID id = UUID.randomUUID();
        NewKeySpec spec = NewKeySpec.of("", algorithm);
        if (length == algorithm.materialBytes()) {
          assertEquals(id, keyring.importKey(id, spec, new byte[length]).id());
        } else {
          InvalidKeyException e =
              assertThrows(
                  InvalidKeyException.class, () -> keyring.importKey(id, spec, new byte[length]));
          assertTrue(KmsFixture.message(e).contains("Expected " + algorithm.materialBytes()));
        }
      }
    }

    @Test
    void leavesTheMaterialOfTheCallerAsItWas() throws Exception {
      byte[] material = KmsFixture.bytes(1, 32);

      kms.imported(KeyAlgorithm.AES_256_GCM, material);

      assertArrayEquals(KmsFixture.bytes(1, 32), material);
    }

    @Test
    void refusesAKeyIdThatIsThere() throws Exception {
      UUID id = keyring.create("orders", KeyAlgorithm.AES_256_GCM).id();
      NewKeySpec spec = NewKeySpec.of("other", KeyAlgorithm.AES_256_GCM);

      InvalidKeyException e =
          assertThrows(InvalidKeyException.class, () -> keyring.importKey(id, spec, new byte[32]));

      assertTrue(KmsFixture.message(e).contains(id.toString()));
      assertEquals("orders", keyring.describe(id).name());
    }
  }

  @Nested
  class Revoked {
    @ParameterizedTest
    @ValueSource(strings = {"disable", "delete", "rotate", "forget", "close"})
    @Conformance("C-44")
    void materialIsWipedWhen(String verb) throws Exception {
      for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
        boolean mac = algorithm == KeyAlgorithm.HMAC_SHA_256;
        if (mac && verb.equals("rotate")) {
          continue;
        }
        KmsFixture own = KmsFixture.open();
        KmsKey key = own.key(algorithm, mac ? 1 : 2);
        ResolvedKey held = own.keyring.resolve(key.keyId(), algorithm.usage());
        List<KeyMaterial> materials =
            mac ? List.of(held.primary()) : List.of(held.version(1), held.primary());

        switch (verb) {
          case "disable" -> own.keyring.disable(key.keyId());
          case "delete" -> own.keyring.delete(key.keyId());
          case "rotate" -> own.keyring.rotate(key.keyId());
          case "forget" -> own.keyring.cache().forget(key.keyId());
          default -> own.close();
        }

        assertTrue(held.destroyed());
        materials.forEach(KeyringTest::assertWiped);
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

    @Test
    void changeOfAnotherKeyringOverTheStoreIsSeen() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
      try (KmsFixture twin = KmsFixture.over(store)) {
        byte[] message = twin.seal(key, new byte[3]);
        Cipher initialised = twin.sealing(key);

        keyring.disable(key.keyId());
        long returned = System.nanoTime();

        // Ends by the promise, not by a time of ours: no seal may begin a second later.
        while (true) {
          long began = System.nanoTime();
          try {
            twin.seal(key, new byte[1]);
          } catch (KeyStateException e) {
            break;
          } catch (IllegalStateException e) {
            // Revoked between init and doFinal.
            break;
          }
          assertTrue(began - returned < 1_000_000_000L, "sealed a second after the disable");
        }
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
    void initialisedMacIsRefusedOnceItsKeyWasDisabled() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.HMAC_SHA_256);
      Mac mac = Mac.getInstance("HmacSHA256", kms.provider);
      mac.init(key);
      mac.doFinal(new byte[1]);

      keyring.disable(key.keyId());

      // Begun after disable() returned: "this process begins no operation with the key".
      assertThrows(IllegalStateException.class, () -> mac.doFinal(new byte[1]));
    }
  }

  @Nested
  class Opening {
    @Test
    void wrongRootKeyNamesTheIdWantedAndTheIdGiven() {
      var other = EnvironmentRootKey.load("K", java.util.Map.of("K", "A".repeat(43) + "="));

      RootKeyException e = assertThrows(RootKeyException.class, () -> Keyring.open(store, other));

      String message = KmsFixture.message(e);
      assertTrue(message.contains(other.id()), message);
      assertTrue(message.contains(KmsFixture.rootKey().id()), message);
    }

    @Test
    void sameRootKeyOpensTheStoreAgainAndItsMessages() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM, 2);
      byte[] message = kms.seal(key, KmsFixture.text("kept"));
      kms.close();

      try (KmsFixture again = KmsFixture.over(store)) {
        assertEquals("kept", again.openText(key, message));
      }
    }

    @Test
    void closedKeyringRefusesAndClosingTwiceIsNoMatter() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);
      Cipher sealing = kms.sealing(key);

      kms.close();
      kms.close();

      assertThrows(IllegalStateException.class, () -> keyring.describe(key.keyId()));
      assertThrows(IllegalStateException.class, () -> sealing.doFinal(new byte[1]));
    }

    @Test
    void warmKeyIsNotReadFromTheStoreAgain() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);
      kms.seal(key, new byte[1]);
      int before = store.finds();

      for (int i = 0; i < 1_000; i++) {
        kms.open(key, kms.seal(key, new byte[1]));
      }

      assertEquals(before, store.finds());
    }
  }

  @Nested
  class Storm {
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HMAC_SHA_256")
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

      inThreads(
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

  private static void assertWiped(KeyMaterial material) {
    if (material instanceof KeyMaterial.Sealing sealing) {
      byte[] message = new byte[100];
      byte[] to = new byte[100];
      assertThrows(
          DestroyedKeyException.class,
          () -> sealing.aead().open(message, 0, new byte[0], message, 24, 70, to, 0));
    } else {
      assertTrue(((KeyMaterial.Authenticating) material).secret().isDestroyed());
    }
  }

  private static void inThreads(int count, Callable<Integer> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(count);
    List<Future<Integer>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      running.add(pool.submit(work));
    }
    for (Future<Integer> one : running) {
      assertEquals(0, one.get());
    }
    pool.shutdown();
  }
}
