package org.kms4j.servlet.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * An audit log in a file: one JSON object a line, in the order in which the records came.
 *
 * <p>Lines wait in memory for one thread that writes them together. A line that was taken is
 * written within moments, and is on disk {@link #FORCE_EVERY} later; only a process that is killed
 * takes with it what waits. Where more come than can be written, those who bring them wait.
 *
 * <p>Where the file cannot be written, nothing is taken until it can be again, which is tried each
 * {@link #RETRY_EVERY}. What was taken before is written then, some of it perhaps twice.
 *
 * <p>Threat: what is done and leaves no trace, because the disk is full or somebody has seen to it.
 *
 * <p>Safe for use by many threads.
 */
public final class FileAuditLog implements AuditLog {
  static final int MAX_WAITING_BYTES = 1 << 20;
  static final Duration FORCE_EVERY = Duration.ofMillis(200);
  static final Duration RETRY_EVERY = Duration.ofMillis(500);

  private static final Duration LAST_WAIT = Duration.ofSeconds(10);
  private static final System.Logger LOG = System.getLogger(FileAuditLog.class.getName());

  private enum State {
    OPEN,
    BROKEN,
    CLOSED
  }

  private final AuditFile file;
  private final Thread writer = new Thread(this::writeAll, "kms-audit");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private volatile State state = State.OPEN;

  private FileAuditLog(AuditFile file) {
    this.file = file;
  }

  /**
   * Opens the file, making it if absent, and goes on at its end.
   *
   * @throws AuditException if it cannot be opened; the message names it
   */
  public static FileAuditLog open(Path path) {
    try {
      FileAuditLog log = new FileAuditLog(AuditFile.open(path, FORCE_EVERY));
      log.writer.setDaemon(true);
      log.writer.start();
      return log;
    } catch (IOException e) {
      throw new AuditException("audit log " + path + " cannot be written: " + e, e);
    }
  }

  @Override
  public void requireWritable() {
    if (state != State.OPEN) {
      throw new AuditException(file + " cannot be written");
    }
  }

  @Override
  public void record(AuditEvent event) {
    byte[] line = event.line();
    lock.lock();
    try {
      while (state == State.OPEN && waiting.size() >= MAX_WAITING_BYTES) {
        room.awaitUninterruptibly();
      }
      requireWritable();
      waiting.writeBytes(line);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private void writeAll() {
    try {
      boolean last;
      do {
        // Asked first: what was taken until then is written by this round.
        last = state == State.CLOSED;
        write(take());
      } while (!last);
    } finally {
      // Whatever ends this thread, nobody must wait for it.
      end();
      file.close();
    }
  }

  /** All that waits: nothing, if it is time to force what was written, or if the log is closed. */
  private byte[] take() {
    lock.lock();
    try {
      await(() -> waiting.size() > 0 || state == State.CLOSED, file.timeToForce());
      byte[] lines = waiting.toByteArray();
      waiting.reset();
      room.signalAll();
      return lines;
    } finally {
      lock.unlock();
    }
  }

  private void write(byte[] lines) {
    boolean told = false;
    boolean written = false;
    while (!written) {
      try {
        file.write(ByteBuffer.wrap(lines));
        written = true;
      } catch (IOException e) {
        if (!told) {
          told = true;
          fail(e);
        }
        if (!awaitRetry()) {
          LOG.log(System.Logger.Level.ERROR, "{0}: {1} bytes may be lost", file, lines.length);
          return;
        }
      }
    }
    if (told && change(State.BROKEN, State.OPEN)) {
      LOG.log(System.Logger.Level.WARNING, "{0} is written again", file);
    }
  }

  private void fail(IOException e) {
    change(State.OPEN, State.BROKEN);
    LOG.log(
        System.Logger.Level.ERROR,
        file + " cannot be written; until it can, requests are answered with 500",
        e);
  }

  /** Whether to try again, after a while. */
  private boolean awaitRetry() {
    lock.lock();
    try {
      await(() -> state == State.CLOSED, RETRY_EVERY);
      return state != State.CLOSED;
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier until, Duration time) {
    long left = time.toNanos();
    try {
      while (!until.getAsBoolean() && left > 0) {
        left = work.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // This thread is ours: who interrupts it has waked it, and no more.
    }
  }

  private boolean change(State from, State to) {
    lock.lock();
    try {
      boolean changes = state == from;
      if (changes) {
        state = to;
        room.signalAll();
      }
      return changes;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      state = State.CLOSED;
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    end();
    try {
      writer.join(LAST_WAIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (writer.isAlive()) {
      LOG.log(System.Logger.Level.ERROR, "{0} is not written to its end", file);
    }
  }
}
