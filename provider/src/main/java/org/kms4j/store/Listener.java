package org.kms4j.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Hears on a connection of its own that a process has changed the database, and wakes who wants to
 * know.
 *
 * <p>It promises nothing: a call may be lost with the connection, which is made anew. Who must know
 * asks; see {@link EpochWatch}.
 *
 * <p>Safe for use by many threads.
 */
final class Listener implements AutoCloseable {
  static final String LISTEN = "LISTEN kms4j";
  static final String NOTIFY = "NOTIFY kms4j";

  /** How long a connection may be silent before it is asked for a sign of life. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final System.Logger LOG = System.getLogger(Listener.class.getName());

  private final DataSource source;
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Connection connection;

  Listener(DataSource source) {
    this.source = source;
    this.thread = new Thread(this::run, "kms-listener");
    thread.setDaemon(true);
    thread.start();
  }

  void add(Runnable wake) {
    wakes.add(wake);
  }

  void remove(Runnable wake) {
    wakes.remove(wake);
  }

  private void run() {
    boolean failing = false;
    do {
      try (Connection mine = source.getConnection();
          Statement statement = mine.createStatement()) {
        connection = mine;
        statement.execute(LISTEN);
        failing = false;
        // For what was said while nobody listened.
        wakeAll();
        hear(mine);
      } catch (SQLException e) {
        if (!failing && closed.getCount() > 0) {
          LOG.log(
              System.Logger.Level.WARNING,
              "the database does not call when something changes; it is asked as ever: "
                  + e.getMessage());
        }
        failing = true;
      }
    } while (!closesWithin(PAUSE));
  }

  /** Until the connection is closed or dead. */
  private void hear(Connection mine) throws SQLException {
    PGConnection calls = mine.unwrap(PGConnection.class);
    while (closed.getCount() > 0) {
      if (calls.getNotifications((int) SILENCE.toMillis()).length > 0) {
        wakeAll();
      } else if (!mine.isValid((int) PATIENCE.toSeconds())) {
        return;
      }
    }
  }

  private void wakeAll() {
    wakes.forEach(Runnable::run);
  }

  private boolean closesWithin(Duration time) {
    try {
      return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    Connection open = connection;
    try {
      if (open != null) {
        // Its close() would wait for the thread that reads from it.
        open.abort(Runnable::run);
      }
      thread.join();
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "the listening connection did not close cleanly", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
