package org.kms4j.servlet.auth;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.kms4j.store.Database;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.Session;

/**
 * The tables of who may call ({@code auth-*.sql}), and whether they have changed.
 *
 * <p>What was read under one {@link #generation} holds for as long as that number stays: it moves
 * with every change of this process at once, with one of another process within a second.
 *
 * <p>Threat: a token, secret or role withdrawn elsewhere that goes on serving here. A store that
 * does not answer moves nothing, and makes {@link #generation} throw once the grace is over.
 *
 * <p>Safe for use by many threads. Closing it leaves the {@link Database} open.
 */
public final class AuthTables implements AutoCloseable {
  private static final String PART = "auth";
  private static final int SCHEMA = 4;

  private final Database database;
  private final AtomicLong generation = new AtomicLong();
  private final EpochWatch watch;
  private final Runnable wake;

  private AuthTables(Database database, Duration poll, Duration grace) {
    this.database = database;
    EpochWatch.Term term = EpochWatch.bearing(grace);
    this.watch = EpochWatch.start("kms-auth", poll, this::epoch, this::moved, () -> {}, term);
    this.wake = watch::wake;
    database.listen(wake);
  }

  /** Makes the tables, or brings them up to date. */
  public static AuthTables open(Database database) {
    return open(database, EpochWatch.INTERVAL, Duration.ZERO);
  }

  /**
   * The same.
   *
   * @param poll how often to ask whether another process has changed them
   * @param grace for how long what was read holds while the store fails, from its last answer on
   */
  public static AuthTables open(Database database, Duration poll, Duration grace) {
    database.migrate(PART, AuthTables.class, SCHEMA);
    return new AuthTables(database, poll, grace);
  }

  /**
   * Names the state of the tables.
   *
   * @throws org.kms4j.store.StoreException if it cannot be told
   */
  long generation() {
    watch.confirm(System.nanoTime());
    return generation.get();
  }

  /** Whether the database answered when it was last asked, a moment ago; asks nothing by itself. */
  public boolean storeAnswers() {
    return watch.answered();
  }

  <T> T read(Database.Work<T> work) {
    return database.read(work);
  }

  /** A transaction on what nobody remembers. */
  <T> T write(Database.Work<T> work) {
    return database.writeDistinct(work);
  }

  /** A transaction on what others may remember; what is remembered stays if it certainly failed. */
  <T> T change(Database.Work<T> work) {
    AtomicBoolean committing = new AtomicBoolean();
    try {
      return database.writeDistinct(
          session -> {
            session.update("UPDATE auth_epoch SET epoch = epoch + 1");
            session.announce();
            T result = work.on(session);
            committing.set(true);
            return result;
          });
    } finally {
      if (committing.get()) {
        generation.incrementAndGet();
      }
    }
  }

  /** What looks at the tables, then changes them or refuses to. */
  @FunctionalInterface
  interface Attempt<T> {
    T on(Session session) throws SQLException, AuthException;
  }

  private record Outcome<T>(Optional<T> done, Optional<AuthException> refusal) {}

  /**
   * {@link #change} by what may refuse; then nothing was changed. Of all who change anything only
   * one is at work at a time, in all processes: what it saw still holds when it writes.
   */
  <T> T attempt(Attempt<T> work) throws AuthException {
    Outcome<T> outcome =
        change(
            session -> {
              try {
                return new Outcome<>(Optional.of(work.on(session)), Optional.empty());
              } catch (AuthException e) {
                session.undo();
                return new Outcome<>(Optional.empty(), Optional.of(e));
              }
            });
    if (outcome.refusal().isPresent()) {
      throw outcome.refusal().get();
    }
    return outcome.done().orElseThrow();
  }

  private void moved(long after, long upTo) {
    generation.incrementAndGet();
  }

  private long epoch() {
    return database.read(
        session ->
            session.one("SELECT epoch FROM auth_epoch", row -> row.getLong(1)).orElseThrow());
  }

  @Override
  public void close() {
    database.unlisten(wake);
    watch.close();
  }
}
