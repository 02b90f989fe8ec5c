package org.kms4j.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A file that several processes of one machine share: WAL with {@code synchronous=FULL}.
 *
 * <p>Threat: other users of the machine; the file is readable by its owner alone.
 *
 * <p>Safe for use by many threads.
 */
final class Sqlite implements Dialect {
  static final String PREFIX = "jdbc:sqlite:";

  /** How long a writer waits for another process's transaction to end. */
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration BUSY_PAUSE = Duration.ofMillis(5);
  private static final int MAX_IDLE = 8;

  /** Primary result codes of SQLite; the detail stands in the message alone. */
  private static final int SQLITE_BUSY = 5;

  private static final int SQLITE_CONSTRAINT = 19;

  private final SQLiteDataSource source;
  private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  private Sqlite(SQLiteDataSource source) {
    this.source = source;
  }

  /** Opens the file, and makes it if it is not there. */
  static Sqlite open(String url) {
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
    Sqlite database = new Sqlite(source);
    try {
      database.release(database.first(), true);
    } catch (SQLException e) {
      throw new StoreException("database " + file + " cannot be opened: " + e.getMessage(), e);
    }
    return database;
  }

  /**
   * Opens a first session. SQLite's own timeout does not cover the change of a new file to WAL,
   * which only one at a time can make.
   */
  private Session first() throws SQLException {
    long end = System.nanoTime() + BUSY_TIMEOUT.toNanos();
    while (true) {
      try {
        return borrow();
      } catch (SQLException e) {
        if (!isBusy(e) || System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE.toNanos());
      }
    }
  }

  private static Path file(String url) {
    try {
      return Path.of(url.substring(PREFIX.length()));
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

  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public Session borrow() throws SQLException {
    Session session = idle.pollFirst();
    return session == null ? new Session(source.getConnection(), "") : session;
  }

  @Override
  public void release(Session session, boolean good) {
    if (!good || closed || idle.size() >= MAX_IDLE) {
      session.close();
    } else {
      idle.addFirst(session);
    }
  }

  /** SQLite has one writer a file, and its own queue polls. */
  @Override
  public boolean oneWriter() {
    return true;
  }

  @Override
  public void lockSchema(Session session) {
    // Every transaction that writes has the whole file to itself from its beginning.
  }

  @Override
  public void hold(Session session) {
    // As above: whoever wants to write meanwhile waits for the timeout, and is refused.
  }

  @Override
  public boolean isDuplicate(SQLException e) {
    return e.getErrorCode() == SQLITE_CONSTRAINT
        && String.valueOf(e.getMessage()).contains("UNIQUE");
  }

  @Override
  public boolean isConflict(SQLException e) {
    return false;
  }

  @Override
  public boolean isBusy(SQLException e) {
    return (e.getErrorCode() & 0xFF) == SQLITE_BUSY;
  }

  @Override
  public void listen(Runnable wake) {
    // A file calls nobody.
  }

  @Override
  public void unlisten(Runnable wake) {
    // As above.
  }

  @Override
  public void close() {
    closed = true;
    for (Session s = idle.pollFirst(); s != null; s = idle.pollFirst()) {
      s.close();
    }
  }
}
