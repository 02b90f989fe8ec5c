package org.kms4j.servlet.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A file of lines that only grows. Who keeps old logs may take it away or cut it to nothing at any
 * time; the lines then go on at the same path, within {@link #LOOK_EVERY}.
 *
 * <p>What is no regular file, such as {@code /dev/stdout}, is written to as well.
 *
 * <p>Threat: another user of the machine. A file that is made here is its owner's alone from the
 * moment it exists; one that is there keeps the rights that somebody gave it.
 *
 * <p>For use by one thread.
 */
final class AuditFile {
  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private static final Duration FOR_EVER = Duration.ofDays(1);

  private final Path path;
  private final Duration forceEvery;
  private Opened opened;
  private boolean sound = true;
  private boolean forced = true;
  private long forcedAt;
  private long lookedAt = System.nanoTime();

  private AuditFile(Path path, Duration forceEvery, Opened opened) {
    this.path = path;
    this.forceEvery = forceEvery;
    this.opened = opened;
    this.forcedAt = System.nanoTime() - forceEvery.toNanos();
  }

  /** What is at the path, or was. */
  private record Opened(FileChannel channel, Optional<Object> identity, boolean regular) {}

  /**
   * Opens the file, making it if absent; a line that a crash has left without its end gets one.
   *
   * @param forceEvery how often at most it is seen to that what was written is on disk
   */
  static AuditFile open(Path path, Duration forceEvery) throws IOException {
    return new AuditFile(path, forceEvery, open(path));
  }

  private static Opened open(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), ownerOnly(path));
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isRegularFile() && !endsLine(path)) {
        append(channel, ByteBuffer.wrap(new byte[] {'\n'}));
      }
      return new Opened(
          channel, Optional.ofNullable(attributes.fileKey()), attributes.isRegularFile());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean endsLine(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      boolean empty = channel.size() == 0 || channel.read(last, channel.size() - 1) != 1;
      return empty || last.get(0) == '\n';
    }
  }

  private static void append(FileChannel channel, ByteBuffer lines) throws IOException {
    while (lines.hasRemaining()) {
      channel.write(lines);
    }
  }

  /** How long what was written may wait for {@link #write} to be called again. */
  Duration timeToForce() {
    return forced
        ? FOR_EVER
        : Duration.ofNanos(forcedAt + forceEvery.toNanos() - System.nanoTime());
  }

  /**
   * Writes whole lines at the end, and forces what was written if it is time, or if there are none.
   * After a failure the same lines are to be given again: they are then written whole.
   */
  void write(ByteBuffer lines) throws IOException {
    boolean whole = sound;
    // Whatever fails from here on, the path is opened again, which ends half a line.
    sound = false;
    if (!whole || isGone()) {
      reopen(whole);
    }
    boolean due = !lines.hasRemaining() || System.nanoTime() - forcedAt >= forceEvery.toNanos();
    forced &= !lines.hasRemaining();
    append(opened.channel(), lines);
    if (due && !forced) {
      force();
    }
    sound = true;
  }

  private void force() throws IOException {
    // A pipe has no disk.
    if (opened.regular()) {
      opened.channel().force(false);
    }
    forced = true;
    forcedAt = System.nanoTime();
  }

  private boolean isGone() throws IOException {
    long now = System.nanoTime();
    if (now - lookedAt < LOOK_EVERY.toNanos()) {
      return false;
    }
    lookedAt = now;
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      return !Optional.ofNullable(found.fileKey()).equals(opened.identity());
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private void reopen(boolean whole) throws IOException {
    if (whole && !forced) {
      force();
    }
    Opened before = opened;
    opened = open(path);
    before.channel().close();
  }

  /** Forces what was written, too. */
  void close() {
    try (FileChannel ending = opened.channel()) {
      if (ending.isOpen() && !forced) {
        force();
      }
    } catch (IOException e) {
      System.getLogger(AuditFile.class.getName())
          .log(System.Logger.Level.WARNING, this + " did not close cleanly", e);
    }
  }

  @Override
  public String toString() {
    return "audit log " + path;
  }
}
