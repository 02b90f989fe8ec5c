package org.kms4j.servlet.errand;

import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.root.RootKeyException;
import org.kms4j.servlet.auth.AuthTables;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.Session;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * {@code migrate --from STORE --to STORE}: copies all that a store has into another, wrapped keys
 * as they are, so that callers notice nothing. The source is only read.
 *
 * <p>All is copied in one transaction or nothing: a run that was killed has left nothing behind, so
 * no key that the source has deleted since can be left over from it. What is there already and
 * equal is left as it is. Then every version of every key is unwrapped in both, compared and used.
 *
 * <p>Threat: a change at the source that the target does not have, such as a revocation. A file is
 * held while it is copied; of a PostgreSQL that has changed meanwhile nothing is taken.
 *
 * @param from a home folder or a JDBC URL
 * @param to likewise
 * @param home whose settings tell the root key; if empty that of {@code from} or {@code to}
 */
record Migrate(String from, String to, Optional<String> home) implements Errand {
  private static final String NOTHING = "nothing was copied:";
  private static final List<String> PARTS = List.of("kms", "auth");

  /** What every change moves, and every seal and login besides. */
  private static final List<String> MARKS =
      List.of(
          "SELECT epoch FROM kms_epoch",
          "SELECT epoch FROM auth_epoch",
          "SELECT COUNT(*) FROM kms_key_version",
          "SELECT COALESCE(SUM(seals), 0) FROM kms_key_version",
          "SELECT COALESCE(SUM(uses), 0) FROM auth_client_secret",
          "SELECT COALESCE(SUM(last_wrong_at), 0) FROM auth_universal",
          "SELECT COUNT(*) FROM auth_revoked_token",
          "SELECT COUNT(*) + COALESCE(SUM(uses), 0) FROM auth_counted_token");

  /** Without what may hold a password. */
  @Override
  public String toString() {
    return "Migrate[home=" + home + "]";
  }

  @Override
  public boolean makesHome() {
    return false;
  }

  @Override
  public void run(Supplier<OpenHome> unused, PrintStream out) {
    StorePlace source = StorePlace.source(from);
    StorePlace target = StorePlace.target(to);
    if (source.isSame(target)) {
      throw new IllegalArgumentException(source + " is the store of both");
    }
    KeyringConfig config =
        StorePlace.config(
            home.map(Path::of)
                .or(source::home)
                .or(target::home)
                .orElseThrow(
                    () -> new IllegalArgumentException("--home is to name who has the root key")));
    try (Database here = source.open()) {
      String rootKey = rootKey(here, source);
      config.requireRootKey(here);
      try (Database there = target.open()) {
        makeTables(here, there, source);
        requireRootKey(there, rootKey);
        WrappedKeyStore mine = JdbcStore.open(here);
        try (Keyring theirs = config.open(there)) {
          here.hold(held -> move(held, here, there, out) + verify(held, theirs, mine, out));
        }
      }
    }
    out.println("moved: " + source + " to " + target);
  }

  /** Looked at before anything is made there. */
  private static String rootKey(Database here, StorePlace source) {
    Optional<String> found = Optional.empty();
    try {
      if (PARTS.stream().allMatch(part -> here.version(part) > 0)) {
        found = here.read(s -> s.one("SELECT root_key_id FROM kms_root", row -> row.getString(1)));
      }
    } catch (StoreException e) {
      throw new StoreException(source + " is no store of kms4j: " + e.getMessage(), e);
    }
    return found.orElseThrow(
        () -> new IllegalArgumentException(source + " has nothing: no server has run on it"));
  }

  /** Those of the source were made by whoever serves it: they are not touched. */
  private static void makeTables(Database here, Database there, StorePlace source) {
    JdbcStore.open(there);
    AuthTables.open(there).close();
    for (String part : PARTS) {
      if (here.version(part) != there.version(part)) {
        throw new IllegalArgumentException(
            "%s has tables '%s' of version %d, this release %d: start its server once with this release"
                .formatted(source, part, here.version(part), there.version(part)));
      }
    }
  }

  private static void requireRootKey(Database there, String rootKey) {
    JdbcStore.open(there)
        .rootKeyId()
        .filter(id -> !id.equals(rootKey))
        .ifPresent(
            id -> {
              throw new IllegalArgumentException(
                  "the target has keys of root key %s, the source of root key %s"
                      .formatted(id, rootKey));
            });
  }

  private static int move(Session held, Database here, Database there, PrintStream out) {
    try {
      return there.write(to -> copy(held, here, to, out));
    } catch (Database.DuplicateException e) {
      throw new StoreException("the target was written meanwhile: run it again", e);
    }
  }

  private static int copy(Session held, Database here, Session to, PrintStream out)
      throws SQLException {
    Faults faults = new Faults();
    List<Long> before = marks(held);
    for (MovedTable table : MovedTable.ALL) {
      TableCopy copy = new TableCopy(table, held, to, faults);
      copy.run();
      out.println(
          "%s: %d copied, %d there already".formatted(table.table(), copy.copied(), copy.there()));
    }
    faults.requireNone(NOTHING);
    if (!before.equals(here.read(Migrate::marks))) {
      throw new StoreException(
          "nothing was copied: the source was written meanwhile: stop its servers, and run it again");
    }
    to.update("UPDATE kms_epoch SET epoch = epoch + 1");
    to.announce();
    return to.update("UPDATE auth_epoch SET epoch = epoch + 1");
  }

  private static List<Long> marks(Session session) throws SQLException {
    List<Long> marks = new ArrayList<>();
    for (String mark : MARKS) {
      marks.add(session.one(mark, row -> row.getLong(1)).orElseThrow());
    }
    return List.copyOf(marks);
  }

  private static int verify(Session held, Keyring theirs, WrappedKeyStore mine, PrintStream out)
      throws SQLException {
    Faults faults = new Faults();
    int verified = 0;
    String last = "";
    List<String> keys = page(held, last);
    while (!keys.isEmpty()) {
      for (String key : keys) {
        verify(UUID.fromString(key), theirs, mine, faults);
      }
      verified += keys.size();
      last = keys.get(keys.size() - 1);
      keys = page(held, last);
    }
    faults.requireNone("all was copied, but these keys are not to be trusted there:");
    out.println(verified + " keys verified: each version opens there what it seals here");
    return verified;
  }

  private static List<String> page(Session held, String after) throws SQLException {
    return held.all(
        "SELECT key_id FROM kms_key WHERE key_id > ? ORDER BY key_id LIMIT " + TableCopy.BATCH,
        row -> row.getString(1),
        after);
  }

  private static void verify(UUID keyId, Keyring theirs, WrappedKeyStore mine, Faults faults) {
    try {
      if (!theirs.agrees(mine, keyId)) {
        faults.add("key " + keyId, "is not the same in both");
      }
    } catch (KeyNotFoundException e) {
      faults.add("key " + keyId, "is not in both");
    } catch (RootKeyException e) {
      faults.add("key " + keyId, "does not open under the root key");
    }
  }
}
