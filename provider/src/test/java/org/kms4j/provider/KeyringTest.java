package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.InvalidKeyException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.aead.IvSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsageException;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.MemoryStore;

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
      assertTrue(made.strict());
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
              KmsFixture.PACE,
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

      Threads.run(
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

    @ParameterizedTest
    @EnumSource(names = {"HMAC_SHA_256", "ECC_NIST_P256"})
    void keysForMacsAndSignaturesDoNotRotate(KeyAlgorithm algorithm) throws Exception {
      UUID id = keyring.create("fixed", algorithm).id();

      KeyUsageException e = assertThrows(KeyUsageException.class, () -> keyring.rotate(id));

      assertEquals(algorithm.usage(), e.actual());
      assertEquals(1, keyring.describe(id).primaryVersion());
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
    @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
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
      // The keyring that made the key drops it once more as it sees its own change of the epoch.
      try (KmsFixture later = KmsFixture.over(store)) {
        later.seal(key, new byte[1]);
        int before = store.finds();

        for (int i = 0; i < 1_000; i++) {
          later.open(key, later.seal(key, new byte[1]));
        }

        assertEquals(before, store.finds());
      }
    }
  }
}
