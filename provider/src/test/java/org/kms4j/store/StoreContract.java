package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;

/** What every {@link WrappedKeyStore} promises. */
abstract class StoreContract extends NodeContract {
  private static final Instant MADE = Instant.parse("2026-11-24T10:00:00.123Z");
  private static final Instant LATER = MADE.plusMillis(4_567);
  private static final UUID NOBODY = new UUID(0, 0xdead);

  private WrappedKeyStore store;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  private static KeyMetadata key(String project, String name) {
    return new KeyMetadata(
        UUID.randomUUID(),
        project,
        name,
        "describes " + name,
        KeyAlgorithm.XAES_256_GCM,
        KeyState.ENABLED,
        true,
        1,
        MADE,
        MADE);
  }

  static KeyMetadata notStrict(String name) {
    UUID id = UUID.randomUUID();
    KeyAlgorithm algorithm = KeyAlgorithm.AES_256_GCM;
    KeyState state = KeyState.ENABLED;
    return new KeyMetadata(id, "p", name, "", algorithm, state, false, false, 1, MADE, MADE, 0);
  }

  private static WrappedKey wrapped(KeyMetadata key, int version) {
    return WrappedKey.of(key, version, "root", new byte[] {(byte) version, 0, -1});
  }

  private KeyMetadata inserted(String name) throws Exception {
    KeyMetadata key = key("p", name);
    store.insert(key, wrapped(key, 1));
    return key;
  }

  private boolean rotate(KeyMetadata key, int version) {
    return store.rotate(
        key.withPrimaryVersion(version).withUpdatedAt(LATER), wrapped(key, version));
  }

  @Test
  void firstClaimIsKeptForGood() {
    assertEquals("one", store.claim("one"));
    assertEquals("one", store.claim("two"));
    assertEquals("one", store.claim("one"));
  }

  @Test
  void manyThreadsThatClaimAtOnceGetOneAnswer() throws Exception {
    List<String> answers = inThreads(8, i -> store.claim("root-" + i));

    assertEquals(1, new HashSet<>(answers).size());
    assertEquals(answers.get(0), store.claim("another"));
  }

  @Test
  void insertedKeyIsFoundWithAllItsAttributes() throws Exception {
    KeyMetadata key = inserted("orders");

    StoredKey found = store.find(key.id()).orElseThrow();

    assertEquals(key, found.metadata());
    assertEquals(1, found.versions().size());
    WrappedKey version = found.versions().get(0);
    assertEquals(key.id(), version.keyId());
    assertEquals(1, version.version());
    assertEquals("root", version.rootKeyId());
    assertArrayEquals(new byte[] {1, 0, -1}, version.bytes());
    assertEquals(Optional.of(key), store.findByName("p", "orders"));
    assertEquals(Optional.empty(), store.findByName("q", "orders"));
    assertEquals(Optional.empty(), store.findByName("p", "ORDERS"));
    assertEquals(Optional.empty(), store.find(NOBODY));
  }

  @Test
  void keyIsInsertedWithAllItsVersionsInOneMutation() throws Exception {
    KeyMetadata key = key("p", "orders").withPrimaryVersion(3);
    long before = store.epoch();

    store.insert(new StoredKey(key, List.of(wrapped(key, 1), wrapped(key, 2), wrapped(key, 3))));

    StoredKey found = store.find(key.id()).orElseThrow();
    assertEquals(key, found.metadata());
    assertEquals(List.of(1, 2, 3), found.versions().stream().map(WrappedKey::version).toList());
    assertArrayEquals(new byte[] {2, 0, -1}, found.versions().get(1).bytes());
    assertEquals(before + 1, store.epoch());
  }

  @Test
  void refusedInsertOfManyVersionsLeavesNoneOfThem() throws Exception {
    KeyMetadata first = inserted("orders");
    KeyMetadata second = key("p", "orders").withPrimaryVersion(2);

    assertThrows(
        KeyNameTakenException.class,
        () -> store.insert(new StoredKey(second, List.of(wrapped(second, 1), wrapped(second, 2)))));

    assertEquals(Optional.empty(), store.find(second.id()));
    assertEquals(1, store.find(first.id()).orElseThrow().versions().size());
  }

  @Test
  void textOfAnyKindComesBackAsItWent() throws Exception {
    for (String name :
        List.of("'; DROP TABLE kms_key; --", "%", "_", "\\", "!", "ключ 🔑", " x ")) {
      KeyMetadata key = inserted(name);

      assertEquals(key, store.find(key.id()).orElseThrow().metadata());
      assertEquals(Optional.of(key), store.findByName("p", name));
    }
  }

  @Test
  void nameIsUniqueInItsProjectAndARefusedInsertLeavesNothing() throws Exception {
    inserted("orders");
    KeyMetadata second = key("p", "orders");
    KeyMetadata elsewhere = key("q", "orders");

    KeyNameTakenException e =
        assertThrows(KeyNameTakenException.class, () -> store.insert(second, wrapped(second, 1)));
    store.insert(elsewhere, wrapped(elsewhere, 1));

    assertEquals("p", e.project());
    assertEquals("orders", e.name());
    assertEquals(Optional.empty(), store.find(second.id()));
    assertEquals(Optional.of(elsewhere), store.findByName("q", "orders"));
  }

  @Test
  void ofManyThreadsThatInsertOneNameOneSucceeds() throws Exception {
    List<Boolean> done =
        inThreads(
            8,
            i -> {
              KeyMetadata key = key("p", "orders");
              try {
                store.insert(key, wrapped(key, 1));
                return true;
              } catch (KeyNameTakenException e) {
                return false;
              }
            });

    assertEquals(1, done.stream().filter(one -> one).count());
  }

  @Test
  void keyThatIsNotStrictStaysSo() throws Exception {
    KeyMetadata key = notStrict("orders");
    store.insert(key, wrapped(key, 1));

    store.update(key.id(), old -> old.withDescription("new"));
    rotate(key, 2);

    StoredKey found = store.find(key.id()).orElseThrow();
    assertFalse(found.metadata().strict());
    assertFalse(store.findByName("p", "orders").orElseThrow().strict());
    assertFalse(store.list(KeyQuery.first("p", 9)).keys().get(0).strict());
    assertArrayEquals(wrapped(key, 2).aad(), found.versions().get(1).aad());
  }

  @Test
  void updateChangesOnlyWhatMayChange() throws Exception {
    KeyMetadata key = inserted("orders");

    KeyMetadata updated =
        store.update(
            key.id(),
            old ->
                new KeyMetadata(
                    NOBODY,
                    "other project",
                    "invoices",
                    "new",
                    KeyAlgorithm.AES_128_GCM,
                    KeyState.DISABLED,
                    false,
                    false,
                    9,
                    LATER,
                    LATER,
                    5));

    KeyMetadata expected =
        key.withName("invoices")
            .withDescription("new")
            .withState(KeyState.DISABLED)
            .withUpdatedAt(LATER);
    assertEquals(expected, store.find(key.id()).orElseThrow().metadata());
    assertEquals(expected, updated, "the key as it is now");
  }

  @Test
  void updateToATakenNameChangesNothing() throws Exception {
    inserted("orders");
    KeyMetadata other = inserted("invoices");

    KeyNameTakenException e =
        assertThrows(
            KeyNameTakenException.class,
            () -> store.update(other.id(), key -> key.withName("orders")));

    assertEquals("orders", e.name());
    assertEquals(other, store.find(other.id()).orElseThrow().metadata());
    store.update(other.id(), key -> key.withName("invoices"));
  }

  @Test
  void changeThatThrowsChangesNothing() throws Exception {
    KeyMetadata key = inserted("orders");

    assertThrows(
        IllegalArgumentException.class,
        () ->
            store.update(
                key.id(),
                old -> {
                  throw new IllegalArgumentException("no");
                }));

    assertEquals(key, store.find(key.id()).orElseThrow().metadata());
    store.update(key.id(), old -> old.withName("still works"));
  }

  @Test
  void rotationAddsTheNextVersionAndMakesItThePrimary() throws Exception {
    KeyMetadata key = inserted("orders");

    assertTrue(rotate(key, 2));
    assertTrue(rotate(key, 3));

    StoredKey found = store.find(key.id()).orElseThrow();
    assertEquals(key.withPrimaryVersion(3).withUpdatedAt(LATER), found.metadata());
    assertEquals(List.of(1, 2, 3), found.versions().stream().map(WrappedKey::version).toList());
    assertArrayEquals(new byte[] {2, 0, -1}, found.versions().get(1).bytes());
  }

  @Test
  void rotationFromAnotherThanThePrimaryChangesNothing() throws Exception {
    KeyMetadata key = inserted("orders");
    KeyMetadata disabled = inserted("off");
    store.update(disabled.id(), old -> old.withState(KeyState.DISABLED));

    assertFalse(rotate(key, 3));
    assertFalse(rotate(key, 1));
    assertFalse(rotate(disabled, 2));
    assertFalse(rotate(key("p", "never stored"), 2));

    assertEquals(key, store.find(key.id()).orElseThrow().metadata());
    assertEquals(1, store.find(key.id()).orElseThrow().versions().size());
    assertEquals(1, store.find(disabled.id()).orElseThrow().versions().size());
  }

  @Test
  void rotationsOfManyThreadsGiveConsecutiveVersions() throws Exception {
    KeyMetadata key = inserted("orders");
    Set<Integer> won = ConcurrentHashMap.newKeySet();

    inThreads(
        8,
        i -> {
          for (int done = 0; done < 5; ) {
            int next = store.find(key.id()).orElseThrow().metadata().primaryVersion() + 1;
            if (rotate(key, next)) {
              assertTrue(won.add(next), "version " + next + " was given twice");
              done++;
            }
          }
          return i;
        });

    StoredKey found = store.find(key.id()).orElseThrow();
    assertEquals(41, found.metadata().primaryVersion());
    assertEquals(
        IntStream.rangeClosed(1, 41).boxed().toList(),
        found.versions().stream().map(WrappedKey::version).toList());
  }

  @Test
  void findReadsOneMomentWhileOthersRotate() throws Exception {
    KeyMetadata key = inserted("orders");
    inThreads(
        4,
        i -> {
          for (int n = 0; n < 40; n++) {
            StoredKey found = store.find(key.id()).orElseThrow();
            int primary = found.metadata().primaryVersion();
            assertEquals(primary, found.versions().size(), "half a rotation was seen");
            if (i < 2) {
              rotate(key, primary + 1);
            }
          }
          return i;
        });
  }

  @Test
  void deletedKeyIsGoneAndItsNameIsFree() throws Exception {
    KeyMetadata key = inserted("orders");
    rotate(key, 2);

    KeyMetadata deleted = store.delete(key.id());

    assertEquals(key.withPrimaryVersion(2).withUpdatedAt(LATER), deleted);
    assertEquals(Optional.empty(), store.find(key.id()));
    assertEquals(Optional.empty(), store.findByName("p", "orders"));
    inserted("orders");
    // No version of the first must come back under its id.
    KeyMetadata same = key.withName("again");
    store.insert(same, wrapped(same, 1));
    assertEquals(1, store.find(key.id()).orElseThrow().versions().size());
  }

  @Test
  void unknownKeyIsNotFound() {
    assertEquals(
        NOBODY,
        assertThrows(KeyNotFoundException.class, () -> store.update(NOBODY, key -> key)).keyId());
    assertEquals(
        NOBODY, assertThrows(KeyNotFoundException.class, () -> store.delete(NOBODY)).keyId());
  }

  @Test
  void everyMutationMovesTheEpochAndNoReadingDoes() throws Exception {
    KeyMetadata key = key("p", "orders");
    List<Callable<?>> mutations =
        List.of(
            () -> {
              store.insert(key, wrapped(key, 1));
              return 0;
            },
            () -> rotate(key, 2),
            () -> store.update(key.id(), old -> old.withDescription("other")),
            () -> store.update(key.id(), old -> old.withState(KeyState.DISABLED)),
            () -> store.delete(key.id()));
    for (Callable<?> mutation : mutations) {
      long before = store.epoch();
      mutation.call();
      long after = store.epoch();
      assertEquals(before + 1, after);

      store.find(key.id());
      store.findByName("p", "orders");
      store.list(KeyQuery.first("p", 5));
      store.claim("root");
      assertEquals(after, store.epoch());
    }
  }

  @Test
  void whatChangesNothingDoesNotMoveTheEpoch() throws Exception {
    KeyMetadata key = inserted("orders");
    KeyMetadata second = key("p", "orders");
    long before = store.epoch();

    assertFalse(rotate(key, 3));
    assertFalse(rotate(key("p", "never stored"), 2));
    assertThrows(KeyNotFoundException.class, () -> store.update(NOBODY, old -> old));
    assertThrows(KeyNotFoundException.class, () -> store.delete(NOBODY));
    assertThrows(KeyNameTakenException.class, () -> store.insert(second, wrapped(second, 1)));

    assertEquals(before, store.epoch());
  }

  @Test
  void changesBetweenTwoEpochsAreToldByTheirKeys() throws Exception {
    KeyMetadata one = inserted("one");
    KeyMetadata two = inserted("two");
    KeyMetadata three = inserted("three");
    long before = store.epoch();

    rotate(one, 2);
    long between = store.epoch();
    store.update(two.id(), old -> old.withState(KeyState.DISABLED));
    store.delete(three.id());
    rotate(one, 3);
    long after = store.epoch();

    assertEquals(Optional.of(Set.of(one.id())), store.changed(before, between));
    assertEquals(
        Optional.of(Set.of(one.id(), two.id(), three.id())), store.changed(between, after));
    assertEquals(Optional.of(Set.of()), store.changed(after, after));
  }

  @Test
  void epochCountsTheMutationsOfAllThreads() throws Exception {
    long before = store.epoch();

    inThreads(
        6,
        i -> {
          for (int n = 0; n < 10; n++) {
            inserted(i + "-" + n);
          }
          return i;
        });

    assertEquals(before + 60, store.epoch());
  }

  @Test
  void listPagesInOrderOfNamesAndCountsAll() throws Exception {
    for (int i = 10; i < 35; i++) {
      inserted("key-" + i);
    }
    KeyMetadata elsewhere = key("q", "key-31");
    store.insert(elsewhere, wrapped(elsewhere, 1));

    KeyPage first = store.list(new KeyQuery("p", "", false, 0, 10));
    KeyPage last = store.list(new KeyQuery("p", "", false, 20, 10));
    KeyPage descending = store.list(new KeyQuery("p", "", true, 0, 2));
    KeyPage found = store.list(new KeyQuery("p", "Y-3", true, 2, 2));

    assertEquals(25, first.total());
    assertEquals("key-10", first.keys().get(0).name());
    assertEquals(10, first.keys().size());
    assertEquals(25, last.total());
    assertEquals(5, last.keys().size());
    assertEquals(List.of("key-34", "key-33"), names(descending));
    assertEquals(List.of("key-32", "key-31"), names(found));
    assertEquals(5, found.total());
    assertEquals(List.of(elsewhere), store.list(KeyQuery.first("q", 5)).keys());
    assertEquals(0, store.list(KeyQuery.first("r", 5)).total());
  }

  @Test
  void searchIsLiteralAndInAnyLetterCase() throws Exception {
    for (String name :
        List.of("a_b", "axb", "50%", "50x", "a!b", "Upper", "Äpfel", "back\\slash")) {
      inserted(name);
    }
    assertEquals(List.of("a_b"), search("_"));
    assertEquals(List.of("50%"), search("%"));
    assertEquals(List.of("a!b"), search("!"));
    assertEquals(List.of("back\\slash"), search("\\"));
    assertEquals(List.of("Upper"), search("uPPER"));
    assertEquals(List.of(), search("'"));
    assertEquals(1, store.list(new KeyQuery("p", "A_B", false, 0, 1)).total());
  }

  @Test
  void searchFindsANameOutsideAsciiByItsOwnSpelling() throws Exception {
    for (String name : List.of("Äpfel", "ÉTÉ", "ключ", "Ключ")) {
      inserted(name);

      assertTrue(search(name).contains(name), name + " is not found by its own name");
    }
  }

  private List<String> search(String search) {
    return names(store.list(new KeyQuery("p", search, false, 0, 50)));
  }

  private static List<String> names(KeyPage page) {
    return page.keys().stream().map(KeyMetadata::name).toList();
  }

  @FunctionalInterface
  private interface Numbered<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> inThreads(int count, Numbered<T> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(count);
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int mine = i;
      running.add(pool.submit(() -> work.run(mine)));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> one : running) {
      results.add(one.get());
    }
    pool.shutdown();
    return results;
  }
}
