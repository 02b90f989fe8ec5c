package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;

/** What {@link JdbcStore} promises besides, on every database. */
abstract class JdbcStoreContract extends StoreContract {
  private final String url;
  private final String another;
  private final Database database;

  /**
   * @param url of an empty database
   * @param another of another one
   */
  JdbcStoreContract(String url, String another) {
    this.url = url;
    this.another = another;
    this.database = Database.open(url);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Override
  WrappedKeyStore open() {
    return JdbcStore.open(database);
  }

  private static KeyMetadata key(String name) {
    Instant now = Instant.EPOCH;
    return new KeyMetadata(
        UUID.randomUUID(),
        "p",
        name,
        "",
        KeyAlgorithm.AES_256_GCM,
        KeyState.ENABLED,
        false,
        1,
        now,
        now);
  }

  private static WrappedKey wrapped(KeyMetadata key, int version) {
    return WrappedKey.of(key, version, "root", new byte[40]);
  }

  @Test
  void openedAgainItHoldsWhatItHeld() throws Exception {
    KeyMetadata key = key("orders");
    WrappedKeyStore store = open();
    store.claim("root");
    store.insert(key, wrapped(key, 1));
    long epoch = store.epoch();
    store.close();
    database.close();

    try (Database again = Database.open(url)) {
      WrappedKeyStore reopened = JdbcStore.open(again);

      assertEquals(key, reopened.find(key.id()).orElseThrow().metadata());
      assertEquals("root", reopened.claim("other"));
      assertEquals(epoch, reopened.epoch());
    }
  }

  @Test
  void twoConnectionsToOneDatabaseSeeOneAnother() throws Exception {
    try (Database other = Database.open(url)) {
      WrappedKeyStore one = open();
      WrappedKeyStore two = JdbcStore.open(other);
      KeyMetadata key = key("orders");

      one.insert(key, wrapped(key, 1));

      assertEquals(one.epoch(), two.epoch());
      assertEquals(key, two.find(key.id()).orElseThrow().metadata());
      two.rotate(key.withPrimaryVersion(2), wrapped(key, 2));
      assertEquals(2, one.find(key.id()).orElseThrow().versions().size());
    }
  }

  @Test
  @Conformance("C-52")
  void storesOfTwoConnectionsNeverLeaseMoreThanTheLimit() throws Exception {
    try (Database other = Database.open(url)) {
      WrappedKeyStore one = open();
      WrappedKeyStore two = JdbcStore.open(other);
      UUID id = insertInto(one).id();

      long sum = leaseFromThreads(List.of(one, two, one, two), id);

      assertEquals(1_000, sum);
      assertEquals(1_000, two.find(id).orElseThrow().metadata().seals());
    }
  }

  @Test
  void leaseIsThereAfterReopening() throws Exception {
    UUID id = insertInto(open()).id();
    open().lease(id, 1, 300, 1_000);
    database.close();

    try (Database again = Database.open(url)) {
      WrappedKeyStore reopened = JdbcStore.open(again);

      assertEquals(300, reopened.find(id).orElseThrow().metadata().seals());
      assertEquals(new SealLease(700, 1_000), reopened.lease(id, 1, 999, 1_000));
    }
  }

  @Test
  void storeOfTheFirstSchemaIsBroughtUpToDateWithAllItHolds() throws Exception {
    UUID id = UUID.randomUUID();
    writeByTheFirstSchema(another, id);

    try (Database again = Database.open(another)) {
      WrappedKeyStore store = JdbcStore.open(again);

      StoredKey found = store.find(id).orElseThrow();
      assertEquals("old", found.metadata().name());
      assertEquals(0, found.metadata().seals());
      assertTrue(found.metadata().strict());
      assertArrayEquals(new byte[] {2, 9}, found.versions().get(1).bytes());
      assertEquals("root", store.claim("other"));
      assertEquals(41, store.epoch());
      assertEquals(new SealLease(10, 10), store.lease(id, 2, 10, 1_000));
      assertEquals(new SealLease(20, 20), store.lease(id, 1, 20, 1_000));
      assertEquals(10, store.find(id).orElseThrow().metadata().seals());
    }
  }

  @Test
  void storeThatKnewNoStrictKeysHasNoOthersAndTakesOthers() throws Exception {
    UUID id = UUID.randomUUID();
    try (Database old = Database.open(another)) {
      old.migrate("kms", JdbcStore.class, 4);
      old.writeDistinct(
          session ->
              session.update(
                  "INSERT INTO kms_key VALUES"
                      + " (?, 'p', 'old', 'd', 'aes-256-gcm', 'enabled', 1, 1, 5, 6)",
                  id.toString()));
    }

    try (Database again = Database.open(another)) {
      WrappedKeyStore store = JdbcStore.open(again);

      assertEquals(5, again.version("kms"));
      assertTrue(store.findByName("p", "old").orElseThrow().strict());
      KeyMetadata made = notStrict("new");
      store.insert(made, wrapped(made, 1));
      assertEquals(made, store.find(made.id()).orElseThrow().metadata());
    }
  }

  private static void writeByTheFirstSchema(String url, UUID id) {
    try (Database database = Database.open(url)) {
      database.migrate("kms", JdbcStore.class, 1);
      database.writeDistinct(
          session -> {
            session.update("INSERT INTO kms_root VALUES (1, 'root')");
            session.update("UPDATE kms_epoch SET epoch = 41");
            session.update(
                "INSERT INTO kms_key VALUES"
                    + " (?, 'p', 'old', 'd', 'aes-256-gcm', 'enabled', 1, 2, 5, 6)",
                id.toString());
            String version = "INSERT INTO kms_key_version VALUES (?, ?, 'root', ?, 5)";
            session.update(version, id.toString(), 1, new byte[] {1, 9});
            return session.update(version, id.toString(), 2, new byte[] {2, 9});
          });
    }
  }

  @Test
  void changesThatAreTooManyOrTooLongAgoAreNotTold() throws Exception {
    WrappedKeyStore store = open();
    KeyMetadata key = key("orders");
    store.insert(key, wrapped(key, 1));
    long first = store.epoch();
    for (int i = 0; i < 20; i++) {
      store.update(key.id(), old -> old.withDescription("again"));
    }
    // As if that many had been made since.
    int many = JdbcStore.MAX_CHANGES;
    database.writeDistinct(
        session -> session.update("UPDATE kms_epoch SET epoch = epoch + ?", many - 20));
    assertEquals(Optional.empty(), store.changed(first, first + many));

    store.update(key.id(), old -> old.withDescription("last"));

    long now = store.epoch();
    assertEquals(Optional.of(Set.of(key.id())), store.changed(now - 1, now));
    assertEquals(Optional.empty(), store.changed(first, now), "too many");
    assertEquals(Optional.empty(), store.changed(now, first), "backwards");
    long rows =
        database.read(
            session ->
                session
                    .one("SELECT COUNT(*) FROM kms_change", row -> row.getLong(1))
                    .orElseThrow());
    assertEquals(20, rows, "the oldest is forgotten");
  }

  @Test
  void newerSchemaIsRefusedWithWhatToDo() {
    open();
    database.writeDistinct(
        session -> session.update("UPDATE kms_schema SET version = 99 WHERE part = 'kms'"));

    StoreException e = assertThrows(StoreException.class, () -> JdbcStore.open(database));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("99") && message.contains("newer release"), message);
  }

  @Test
  void databasesThatMigrateAtOnceAllSucceed() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<Long>> opening = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      opening.add(
          pool.submit(
              () -> {
                try (Database mine = Database.open(another)) {
                  return JdbcStore.open(mine).epoch();
                }
              }));
    }
    for (Future<Long> one : opening) {
      assertEquals(0L, one.get());
    }
    pool.shutdown();
  }

  @Test
  void namesAreInTheOrderOfTheirCharacters() throws Exception {
    WrappedKeyStore store = open();
    for (String name : List.of("b", "B", "a-c", "ab", "_", "ä")) {
      KeyMetadata key = key(name);
      store.insert(key, wrapped(key, 1));
    }

    List<String> names =
        store.list(KeyQuery.first("p", 9)).keys().stream().map(KeyMetadata::name).toList();

    assertEquals(List.of("B", "_", "a-c", "ab", "b", "ä"), names);
  }

  @Test
  void versionOfADeletedKeyIsDeletedByTheDatabaseItself() throws Exception {
    WrappedKeyStore store = open();
    KeyMetadata key = key("orders");
    store.insert(key, wrapped(key, 1));
    store.rotate(key.withPrimaryVersion(2), wrapped(key, 2));

    store.delete(key.id());

    long left =
        database.read(
            session ->
                session
                    .one("SELECT COUNT(*) FROM kms_key_version", row -> row.getLong(1))
                    .orElseThrow());
    assertEquals(0, left);
  }

  @Test
  void closedDatabaseIsAStoreException() {
    WrappedKeyStore store = open();
    database.close();

    assertThrows(StoreException.class, store::epoch);
    assertThrows(StoreException.class, () -> store.find(UUID.randomUUID()));
    assertThrows(StoreException.class, () -> store.claim("root"));
  }
}
