package org.kms4j.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One SQL database: its transactions, its schema.
 *
 * <p>What {@link #write} did is durable when it returns, and all or nothing; several processes may
 * share the database, a file of SQLite's or one of PostgreSQL's. The schema of each part is a row
 * of numbered scripts, each run once.
 *
 * <p>Safe for use by many threads.
 */
public final class Database implements AutoCloseable {
  /** How often a transaction begins again because it lost against another. */
  private static final int MAX_TRIES = 10;

  private static final Duration MAX_PAUSE = Duration.ofMillis(20);

  private final Dialect dialect;
  private final ReentrantLock writing = new ReentrantLock(true);
  private volatile boolean closed;

  private Database(Dialect dialect) {
    this.dialect = dialect;
  }

  /** What to do within one session; may run more than once, each time from the beginning. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Session session) throws SQLException;
  }

  /** Two rows that must differ do not; the transaction was rolled back. */
  public static final class DuplicateException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private DuplicateException(SQLException cause) {
      super("a row that must be the only one of its kind is there already", cause);
    }
  }

  /**
   * Opens the database behind a JDBC URL: {@code jdbc:sqlite:<file>}, which is made if it is not
   * there, readable by its owner alone, or {@code jdbc:postgresql:…} as its driver documents.
   *
   * @throws StoreException if the URL is of another kind, there is no such database, or what
   *     PostgreSQL wants is not on the path
   */
  public static Database open(String url) {
    if (url.startsWith(Sqlite.PREFIX)) {
      return over(Sqlite.open(url));
    }
    if (url.startsWith(PostgreSql.PREFIX)) {
      return over(postgreSql(url));
    }
    throw new StoreException(
        "neither a %s<file> nor a %s//<host>/<database> URL: %s"
            .formatted(Sqlite.PREFIX, PostgreSql.PREFIX, shown(url)));
  }

  /** The URL without its parameters, among which may be a password: for messages. */
  public static String shown(String url) {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }

  static Database over(Dialect dialect) {
    return new Database(dialect);
  }

  private static Dialect postgreSql(String url) {
    try {
      return PostgreSql.open(url);
    } catch (NoClassDefFoundError e) {
      throw new StoreException(
          "a store in PostgreSQL needs org.postgresql:postgresql and com.zaxxer:HikariCP on the"
              + " path; not found: "
              + e.getMessage(),
          e);
    }
  }

  /** Runs statements that change nothing; one statement sees one moment. */
  public <T> T read(Work<T> work) {
    try {
      return run(work);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Runs work that only reads, however long it takes, on what one moment had. In PostgreSQL others
   * go on writing, unseen; a file of SQLite's is held: nobody writes it meanwhile.
   */
  public <T> T hold(Work<T> work) {
    try {
      return transaction(
          session -> {
            dialect.hold(session);
            return work.on(session);
          });
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Runs one transaction; what it did is durable when this returns. One that the database ended in
   * favour of another is run again, a few times.
   */
  public <T> T write(Work<T> work) throws DuplicateException {
    for (int left = MAX_TRIES; ; left--) {
      try {
        return tryWrite(work);
      } catch (SQLException e) {
        if (dialect.isDuplicate(e)) {
          throw new DuplicateException(e);
        }
        if (left <= 1 || !dialect.isConflict(e)) {
          throw failed(e);
        }
        // Of two that met, one is to be the first next time.
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(MAX_PAUSE.toNanos()));
      }
    }
  }

  private <T> T tryWrite(Work<T> work) throws SQLException {
    if (!dialect.oneWriter()) {
      return transaction(work);
    }
    writing.lock();
    try {
      return transaction(work);
    } finally {
      writing.unlock();
    }
  }

  private <T> T transaction(Work<T> work) throws SQLException {
    return run(
        session -> {
          session.begin();
          T result = work.on(session);
          session.commit();
          return result;
        });
  }

  /** {@link #write} of what cannot collide. */
  public <T> T writeDistinct(Work<T> work) {
    try {
      return write(work);
    } catch (DuplicateException e) {
      throw new StoreException("the database refused a row that should have been new", e);
    }
  }

  /**
   * Brings the tables of one part up to date: runs the scripts {@code <part>-1.sql} to {@code
   * <part>-<newest>.sql} that lie beside {@code owner} and were not run yet, in one transaction;
   * after each, what a {@code <part>-<n>-<database>.sql} adds for one kind of database.
   *
   * @throws StoreException if the database is newer than the scripts known here
   */
  public void migrate(String part, Class<?> owner, int newest) {
    for (int left = MAX_TRIES; ; left--) {
      try {
        write(session -> migrate(session, part, owner, newest));
        return;
      } catch (DuplicateException e) {
        // Another process made the same at this moment.
        if (left <= 1) {
          throw new StoreException("the tables of '" + part + "' cannot be made", e);
        }
      }
    }
  }

  /**
   * The version of the tables of one part; 0 if they were never made here.
   *
   * @throws StoreException if nothing was ever made here
   */
  public int version(String part) {
    return read(session -> version(session, part));
  }

  private static int version(Session session, String part) throws SQLException {
    return session
        .one("SELECT version FROM kms_schema WHERE part = ?", r -> r.getInt(1), part)
        .orElse(0);
  }

  private int migrate(Session session, String part, Class<?> owner, int newest)
      throws SQLException {
    dialect.lockSchema(session);
    session.update(
        "CREATE TABLE IF NOT EXISTS kms_schema"
            + " (part VARCHAR(64) PRIMARY KEY, version INTEGER NOT NULL)");
    int version = version(session, part);
    if (version > newest) {
      throw new StoreException(
          "the database's schema '%s' is of version %d, this release of kms4j knows %d: use a newer release"
              .formatted(part, version, newest));
    }
    if (version == newest) {
      return 0;
    }
    for (int next = version + 1; next <= newest; next++) {
      String script = part + "-" + next;
      if (run(session, owner, script + ".sql") == 0) {
        throw new AssertionError("no schema script " + script + ".sql");
      }
      run(session, owner, script + "-" + dialect.name() + ".sql");
    }
    session.update("DELETE FROM kms_schema WHERE part = ?", part);
    return session.update("INSERT INTO kms_schema (part, version) VALUES (?, ?)", part, newest);
  }

  /** Runs the statements of a script and says how many; none if there is no such script. */
  private static int run(Session session, Class<?> owner, String script) throws SQLException {
    List<String> statements = statements(owner, script);
    for (String statement : statements) {
      session.update(statement);
    }
    return statements.size();
  }

  private static List<String> statements(Class<?> owner, String script) {
    try (InputStream in = owner.getResourceAsStream(script)) {
      if (in == null) {
        return List.of();
      }
      Scanner scanner = new Scanner(in, StandardCharsets.UTF_8).useDelimiter(";\\s*\\R");
      return scanner.tokens().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs the work; a session whose work failed is closed, which rolls back. */
  private <T> T run(Work<T> work) throws SQLException {
    Session session = borrow();
    boolean done = false;
    try {
      T result = work.on(session);
      done = true;
      return result;
    } finally {
      dialect.release(session, done);
    }
  }

  private Session borrow() throws SQLException {
    if (closed) {
      throw new StoreException("the database is closed");
    }
    return dialect.borrow();
  }

  private StoreException failed(SQLException e) {
    return new StoreException("the database failed: " + e.getMessage(), e, dialect.isBusy(e));
  }

  /** From now on runs {@code wake} soon after another process's change, where it can be told. */
  public void listen(Runnable wake) {
    dialect.listen(wake);
  }

  /** Ends what {@link #listen} began. */
  public void unlisten(Runnable wake) {
    dialect.unlisten(wake);
  }

  @Override
  public void close() {
    closed = true;
    dialect.close();
  }
}
