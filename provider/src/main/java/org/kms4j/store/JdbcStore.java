package org.kms4j.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;

/**
 * Wrapped keys in SQL tables ({@code kms-1.sql} and those that follow).
 *
 * <p>Right by constraints, not by locks of ours: names are unique per project and versions per key
 * in the schema, and a rotation compares and sets the primary. Each mutation first locks the row of
 * its key, and last adds one to the epoch row, whose lock puts the mutations of all processes in
 * one order; beside it stands which key it was, for the last {@link #MAX_CHANGES}.
 *
 * <p>Safe for use by many threads and processes. Closing it leaves the {@link Database} open.
 */
public final class JdbcStore implements WrappedKeyStore {
  private static final String PART = "kms";
  private static final int SCHEMA = 5;

  /** How many mutations are remembered with their key. */
  static final int MAX_CHANGES = 1_000;

  private static final String COLUMNS =
      "k.key_id, k.project, k.name, k.description, k.algorithm, k.state, k.exportable,"
          + " k.strict, k.primary_version, k.created_at, k.updated_at,"
          + " (SELECT p.seals FROM kms_key_version p"
          + " WHERE p.key_id = k.key_id AND p.version = k.primary_version)";
  private static final String SELECT = "SELECT " + COLUMNS + " FROM kms_key k";

  private final Database database;
  private final NodeTable nodes;
  private final SealCounts seals;
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();

  private JdbcStore(Database database) {
    this.database = database;
    this.nodes = new NodeTable(database);
    this.seals = new SealCounts(database);
  }

  /** Opens the store, making or updating its tables. */
  public static JdbcStore open(Database database) {
    database.migrate(PART, JdbcStore.class, SCHEMA);
    return new JdbcStore(database);
  }

  /** The root key that the store is bound to; empty while it is new. */
  public Optional<String> rootKeyId() {
    return database.read(JdbcStore::rootKeyId);
  }

  private static Optional<String> rootKeyId(Session session) throws SQLException {
    return session.one("SELECT root_key_id FROM kms_root", row -> row.getString(1));
  }

  @Override
  public String claim(String rootKeyId) {
    return database.writeDistinct(
        session -> {
          session.update(
              "INSERT INTO kms_root (id, root_key_id) VALUES (1, ?) ON CONFLICT (id) DO NOTHING",
              rootKeyId);
          return rootKeyId(session).orElseThrow();
        });
  }

  @Override
  public Optional<StoredKey> find(UUID keyId) {
    List<StoredKey> rows =
        database.read(
            session ->
                session.all(
                    "SELECT "
                        + COLUMNS
                        + ", v.version, v.root_key_id, v.material FROM kms_key k"
                        + " JOIN kms_key_version v ON v.key_id = k.key_id"
                        + " WHERE k.key_id = ? ORDER BY v.version",
                    JdbcStore::versionRow,
                    keyId.toString()));
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<WrappedKey> versions = rows.stream().flatMap(r -> r.versions().stream()).toList();
    return Optional.of(new StoredKey(rows.get(0).metadata(), versions));
  }

  private static StoredKey versionRow(ResultSet row) throws SQLException {
    KeyMetadata key = metadata(row);
    WrappedKey version = WrappedKey.of(key, row.getInt(13), row.getString(14), row.getBytes(15));
    return new StoredKey(key, List.of(version));
  }

  @Override
  public Optional<KeyMetadata> findByName(String project, String name) {
    return database.read(
        session ->
            session.one(
                SELECT + " WHERE k.project = ? AND k.name = ?",
                JdbcStore::metadata,
                project,
                name));
  }

  @Override
  public KeyPage list(KeyQuery query) {
    List<Object> values = new ArrayList<>(List.of(query.project()));
    String where = " WHERE k.project = ?";
    if (!query.search().isEmpty()) {
      // SQLite's LOWER knows ASCII alone: a name outside of it is found by its own spelling.
      where += " AND (LOWER(k.name) LIKE ? ESCAPE '!' OR k.name LIKE ? ESCAPE '!')";
      String exact = "%" + escaped(query.search()) + "%";
      values.addAll(List.of(exact.toLowerCase(Locale.ROOT), exact));
    }
    String count = "SELECT COUNT(*) FROM kms_key k" + where;
    String order = " ORDER BY k.name " + (query.descending() ? "DESC" : "ASC");
    // What is left out is passed by in the index of names, and no row of it is read.
    String first = "SELECT k.name FROM kms_key k" + where + order + " LIMIT 1 OFFSET ?";
    String onwards = " AND k.name " + (query.descending() ? "<=" : ">=") + " (" + first + ")";
    String page = SELECT + where + onwards + order + " LIMIT ?";
    return database.read(
        session -> {
          long total = session.one(count, row -> row.getLong(1), values.toArray()).orElse(0L);
          List<Object> all = new ArrayList<>(values);
          all.addAll(values);
          all.addAll(List.of(query.offset(), query.limit()));
          return new KeyPage(session.all(page, JdbcStore::metadata, all.toArray()), total);
        });
  }

  private static String escaped(String search) {
    return search.replace("!", "!!").replace("%", "!%").replace("_", "!_");
  }

  @Override
  public void insert(StoredKey stored) throws KeyNameTakenException {
    KeyMetadata key = stored.metadata();
    try {
      database.write(
          session -> {
            session.update(
                "INSERT INTO kms_key (key_id, project, name, description, algorithm, state,"
                    + " exportable, strict, primary_version, created_at, updated_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                key.id().toString(),
                key.project(),
                key.name(),
                key.description(),
                key.algorithm().text(),
                key.state().text(),
                key.exportable() ? 1 : 0,
                key.strict() ? 1 : 0,
                key.primaryVersion(),
                key.createdAt().toEpochMilli(),
                key.updatedAt().toEpochMilli());
            for (WrappedKey version : stored.versions()) {
              insertVersion(session, key, version);
            }
            return recordChange(session, key.id());
          });
    } catch (Database.DuplicateException e) {
      throw new KeyNameTakenException(key.project(), key.name());
    }
  }

  private static int insertVersion(Session session, KeyMetadata key, WrappedKey version)
      throws SQLException {
    return session.update(
        "INSERT INTO kms_key_version (key_id, version, root_key_id, material, created_at)"
            + " VALUES (?, ?, ?, ?, ?)",
        key.id().toString(),
        version.version(),
        version.rootKeyId(),
        version.bytes(),
        key.updatedAt().toEpochMilli());
  }

  @Override
  public KeyMetadata update(UUID keyId, UnaryOperator<KeyMetadata> change)
      throws KeyNotFoundException, KeyNameTakenException {
    try {
      Optional<KeyMetadata> changed =
          database.write(
              session -> {
                lock(session, keyId);
                Optional<KeyMetadata> key =
                    metadata(session, keyId).map(old -> changed(old, change.apply(old)));
                if (key.isPresent()) {
                  rewrite(session, key.get());
                  recordChange(session, keyId);
                }
                return key;
              });
      return changed.orElseThrow(() -> new KeyNotFoundException(keyId));
    } catch (Database.DuplicateException e) {
      StoredKey key = find(keyId).orElseThrow(() -> new KeyNotFoundException(keyId));
      throw new KeyNameTakenException(
          key.metadata().project(), change.apply(key.metadata()).name());
    }
  }

  private static KeyMetadata changed(KeyMetadata old, KeyMetadata wanted) {
    return old.withName(wanted.name())
        .withDescription(wanted.description())
        .withState(wanted.state())
        .withUpdatedAt(wanted.updatedAt());
  }

  private static void rewrite(Session session, KeyMetadata key) throws SQLException {
    session.update(
        "UPDATE kms_key SET name = ?, description = ?, state = ?, updated_at = ?"
            + " WHERE key_id = ?",
        key.name(),
        key.description(),
        key.state().text(),
        key.updatedAt().toEpochMilli(),
        key.id().toString());
  }

  @Override
  public boolean rotate(KeyMetadata rotated, WrappedKey next) {
    return database.writeDistinct(
        session -> {
          int changed =
              session.update(
                  "UPDATE kms_key SET primary_version = ?, updated_at = ?"
                      + " WHERE key_id = ? AND primary_version = ? AND state = ?",
                  next.version(),
                  rotated.updatedAt().toEpochMilli(),
                  rotated.id().toString(),
                  next.version() - 1,
                  KeyState.ENABLED.text());
          return changed == 1
              && insertVersion(session, rotated, next) == 1
              && recordChange(session, rotated.id()) == 1;
        });
  }

  @Override
  public KeyMetadata delete(UUID keyId) throws KeyNotFoundException {
    Optional<KeyMetadata> deleted =
        database.writeDistinct(
            session -> {
              lock(session, keyId);
              Optional<KeyMetadata> found = metadata(session, keyId);
              if (found.isPresent()) {
                session.update("DELETE FROM kms_key WHERE key_id = ?", keyId.toString());
                recordChange(session, keyId);
              }
              return found;
            });
    return deleted.orElseThrow(() -> new KeyNotFoundException(keyId));
  }

  @Override
  public SealLease lease(UUID keyId, int version, long wanted, long limit)
      throws KeyNotFoundException {
    return seals.lease(keyId, version, wanted, limit);
  }

  @Override
  public long epoch() {
    return database.read(
        session -> session.one("SELECT epoch FROM kms_epoch", row -> row.getLong(1)).orElseThrow());
  }

  @Override
  public Optional<Set<UUID>> changed(long after, long upTo) {
    if (upTo < after || upTo - after > MAX_CHANGES) {
      return Optional.empty();
    }
    List<String> keys =
        database.read(
            session ->
                session.all(
                    "SELECT key_id FROM kms_change WHERE epoch > ? AND epoch <= ?",
                    row -> row.getString(1),
                    after,
                    upTo));
    // Each mutation leaves one row: if there are fewer, some are forgotten.
    return keys.size() == upTo - after
        ? Optional.of(keys.stream().map(UUID::fromString).collect(Collectors.toSet()))
        : Optional.empty();
  }

  @Override
  public void join(UUID node, long epoch, Duration lease) {
    nodes.join(node, epoch, lease);
  }

  @Override
  public boolean renew(UUID node, long confirmed) {
    return nodes.renew(node, confirmed);
  }

  @Override
  public List<Node> nodes() {
    return nodes.all();
  }

  @Override
  public boolean remove(Node seen) {
    return nodes.remove(seen);
  }

  @Override
  public void leave(UUID node) {
    nodes.leave(node);
  }

  @Override
  public void onChange(Runnable wake) {
    wakes.add(wake);
    database.listen(wake);
  }

  /** Leaves the database open, which has an owner of its own. */
  @Override
  public void close() {
    wakes.forEach(database::unlisten);
  }

  /** Changes nothing, but nobody else changes the key before the transaction ends. */
  private static void lock(Session session, UUID keyId) throws SQLException {
    session.update("UPDATE kms_key SET state = state WHERE key_id = ?", keyId.toString());
  }

  /** The last of every mutation: from here to the commit all others wait. */
  private static int recordChange(Session session, UUID keyId) throws SQLException {
    session.update("UPDATE kms_epoch SET epoch = epoch + 1");
    session.update(
        "DELETE FROM kms_change WHERE epoch <= (SELECT epoch FROM kms_epoch) - ?", MAX_CHANGES);
    session.announce();
    return session.update(
        "INSERT INTO kms_change (epoch, key_id) SELECT epoch, ? FROM kms_epoch", keyId.toString());
  }

  private static Optional<KeyMetadata> metadata(Session session, UUID keyId) throws SQLException {
    return session.one(SELECT + " WHERE k.key_id = ?", JdbcStore::metadata, keyId.toString());
  }

  private static KeyMetadata metadata(ResultSet row) throws SQLException {
    try {
      return new KeyMetadata(
          UUID.fromString(row.getString(1)),
          row.getString(2),
          row.getString(3),
          row.getString(4),
          KeyAlgorithm.of(row.getString(5)),
          KeyState.of(row.getString(6)),
          row.getInt(7) == 1,
          row.getInt(8) == 1,
          row.getInt(9),
          Instant.ofEpochMilli(row.getLong(10)),
          Instant.ofEpochMilli(row.getLong(11)),
          row.getLong(12));
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          "the row of key %s is damaged: %s".formatted(row.getString(1), e.getMessage()), e);
    }
  }
}
