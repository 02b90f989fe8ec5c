package org.kms4j.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * One SQL database: its connections, its transactions, its schema.
 *
 * <p>What {@link #write} did is durable when it returns, and all or nothing. For SQLite that means
 * WAL with {@code synchronous=FULL}; several processes may share the file. The schema of each part
 * is a row of numbered scripts, each run once.
 *
 * <p>Safe for use by many threads.
 */
public final class Database implements AutoCloseable {
  private static final String SQLITE = "jdbc:sqlite:";

  /** How long a writer waits for another process's transaction to end. */
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration BUSY_PAUSE = Duration.ofMillis(5);
  private static final int MAX_IDLE = 8;

  /** Primary result codes of SQLite; the detail stands in the message alone. */
  private static final int SQLITE_BUSY = 5;

  private static final int SQLITE_CONSTRAINT = 19;

  /** SQLSTATE class 23 of PostgreSQL, "unique_violation". */
  private static final String UNIQUE_VIOLATION = "23505";

  private final DataSource source;
  private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();
  private final ReentrantLock writing = new ReentrantLock(true);
  private volatile boolean closed;

  private Database(DataSource source) {
    this.source = source;
  }

  /** What to do within one session. */
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
   * Opens the database behind a JDBC URL. An SQLite file that is not there is made, readable by its
   * owner alone.
   *
   * @throws StoreException if the URL is of another kind, or there is no such database
   */
  public static Database open(String url) {
    if (!url.startsWith(SQLITE)) {
      throw new StoreException("not a " + SQLITE + "<file> URL: " + url);
    }
    Path file = file(url);
    makePrivate(file);
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setBusyTimeout((int) BUSY_TIMEOUT.toMillis());
    config.enforceForeignKeys(true);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl(url);
    Database database = new Database(source);
    try {
      database.tryOut();
    } catch (SQLException e) {
      throw new StoreException("database " + file + " cannot be opened: " + e.getMessage(), e);
    }
    return database;
  }

  /**
   * Opens a first session. SQLite's own timeout does not cover the change of a new file to WAL,
   * which only one at a time can make.
   */
  private void tryOut() throws SQLException {
    long end = System.nanoTime() + BUSY_TIMEOUT.toNanos();
    while (true) {
      try {
        run(session -> session);
        return;
      } catch (SQLException e) {
        if ((e.getErrorCode() & 0xFF) != SQLITE_BUSY || System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE.toNanos());
      }
    }
  }

  private static Path file(String url) {
    try {
      return Path.of(url.substring(SQLITE.length()));
    } catch (InvalidPathException e) {
      throw new StoreException("no file can have the name in " + url + ": " + e.getReason(), e);
    }
  }

  private static void makePrivate(Path file) {
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (IOException e) {
      throw new StoreException("database " + file + " cannot be made", e);
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

  /** Runs one transaction; what it did is durable when this returns. */
  public <T> T write(Work<T> work) throws DuplicateException {
    writing.lock();
    try {
      return run(
          session -> {
            session.begin();
            T result = work.on(session);
            session.commit();
            return result;
          });
    } catch (SQLException e) {
      if (isDuplicate(e)) {
        throw new DuplicateException(e);
      }
      throw failed(e);
    } finally {
      writing.unlock();
    }
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
   * <part>-<newest>.sql} that lie beside {@code owner} and were not run yet, in one transaction.
   *
   * @throws StoreException if the database is newer than the scripts known here
   */
  public void migrate(String part, Class<?> owner, int newest) {
    writeDistinct(
        session -> {
          session.update(
              "CREATE TABLE IF NOT EXISTS kms_schema"
                  + " (part VARCHAR(64) PRIMARY KEY, version INTEGER NOT NULL)");
          int version =
              session
                  .one("SELECT version FROM kms_schema WHERE part = ?", r -> r.getInt(1), part)
                  .orElse(0);
          if (version > newest) {
            throw new StoreException(
                "the database's schema '%s' is of version %d, this release of kms4j knows %d: use a newer release"
                    .formatted(part, version, newest));
          }
          for (int next = version + 1; next <= newest; next++) {
            for (String statement : statements(owner, part + "-" + next + ".sql")) {
              session.update(statement);
            }
          }
          session.update("DELETE FROM kms_schema WHERE part = ?", part);
          return session.update(
              "INSERT INTO kms_schema (part, version) VALUES (?, ?)", part, newest);
        });
  }

  private static List<String> statements(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError("no schema script " + name);
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
      release(session, done);
    }
  }

  private Session borrow() throws SQLException {
    if (closed) {
      throw new StoreException("the database is closed");
    }
    Session session = idle.pollFirst();
    return session == null ? new Session(source.getConnection()) : session;
  }

  private void release(Session session, boolean good) {
    if (!good || closed || idle.size() >= MAX_IDLE) {
      session.close();
    } else {
      idle.addFirst(session);
    }
  }

  private static boolean isDuplicate(SQLException e) {
    boolean sqlite =
        e.getErrorCode() == SQLITE_CONSTRAINT && String.valueOf(e.getMessage()).contains("UNIQUE");
    return sqlite || UNIQUE_VIOLATION.equals(e.getSQLState());
  }

  private static StoreException failed(SQLException e) {
    return new StoreException("the database failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    closed = true;
    for (Session s = idle.pollFirst(); s != null; s = idle.pollFirst()) {
      s.close();
    }
  }
}
