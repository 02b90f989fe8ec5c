package org.kms4j.servlet.errand;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears where there was none, whole and on disk, or not at all.
 *
 * <p>Threats: another user of the machine, since it is its owner's alone from the moment it exists,
 * where files have modes; half a file that is taken for a whole one; an older file overwritten.
 *
 * <p>For use by one thread. Closing it removes what was not published.
 */
final class NewFile implements AutoCloseable {
  private final Path file;
  private final Path draft;

  private NewFile(Path file, Path draft) {
    this.file = file;
    this.draft = draft;
  }

  /**
   * Begins a draft beside the file.
   *
   * @throws IllegalArgumentException if the file is there already
   */
  static NewFile begin(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
      throw taken(file);
    }
    try {
      // Created with mode 0600, where files have modes.
      return new NewFile(
          absolute, Files.createTempFile(absolute.resolveSibling(""), "kms4j", ".tmp"));
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  private static IllegalArgumentException taken(Path file) {
    return new IllegalArgumentException(file + " is there already: name a new file");
  }

  private static UncheckedIOException cannotWrite(Path file, IOException e) {
    return new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
  }

  OutputStream stream() throws IOException {
    return Files.newOutputStream(draft);
  }

  /** Gives the draft its name. */
  void publish() {
    try {
      sync(draft);
      link();
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        sync(file.resolveSibling(""));
      }
    } catch (FileAlreadyExistsException e) {
      throw taken(file);
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  private void link() throws IOException {
    try {
      // A link, not a move: it fails where the file exists, and nobody sees half of it.
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // Not every file system has links. This one looks first, then moves.
      Files.move(draft, file);
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      throw new UncheckedIOException(draft + " holds key material and cannot be removed", e);
    }
  }
}
