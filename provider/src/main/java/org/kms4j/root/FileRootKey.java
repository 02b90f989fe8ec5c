package org.kms4j.root;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;

/**
 * A root key in a file: the base64 of 32 random bytes, for its owner's eyes alone.
 *
 * <p>Threat: another user of the machine. A file that group or world can read is refused, with the
 * command that mends it. It does not defend against the administrator or a backup that holds the
 * file and the store.
 */
public final class FileRootKey {
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private FileRootKey() {}

  /**
   * Reads the root key.
   *
   * @throws RootKeyException if the file is missing, open to others, or no root key
   */
  public static RootKey load(Path file) {
    try {
      requirePrivate(file);
      return AesRootKey.parse(
          Files.readString(file, StandardCharsets.ISO_8859_1), "root key file " + file);
    } catch (NoSuchFileException e) {
      throw new RootKeyException("there is no root key file " + file);
    } catch (IOException e) {
      throw new RootKeyException("root key file " + file + " cannot be read", e);
    }
  }

  /**
   * Makes a new root key, durable before this returns, unless the file is there already; then reads
   * it. Of two processes that do so at once both get the same key.
   */
  public static RootKey loadOrCreate(Path file) {
    if (!Files.exists(file)) {
      try {
        create(file);
      } catch (FileAlreadyExistsException e) {
        return load(file);
      } catch (IOException e) {
        throw new RootKeyException("root key file " + file + " cannot be made", e);
      }
    }
    return load(file);
  }

  private static void create(Path file) throws IOException {
    byte[] key = new byte[AesRootKey.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    byte[] text = Base64.getEncoder().encode(key);
    Path folder = file.toAbsolutePath().resolveSibling("");
    Path draft = Files.createTempFile(folder, "root", ".tmp", ownerOnly(file));
    try {
      Files.write(draft, text);
      sync(draft);
      // A link, not a move: it fails where the file exists, and nobody sees half of it.
      Files.createLink(file, draft);
      if (isPosix(file)) {
        sync(folder);
      }
    } finally {
      Files.delete(draft);
      Arrays.fill(key, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    return isPosix(file)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void requirePrivate(Path file) throws IOException {
    if (!isPosix(file)) {
      return;
    }
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
    if (found.stream().anyMatch(OTHERS::contains)) {
      throw new RootKeyException(
          "root key file "
              + file
              + " is open to others ("
              + PosixFilePermissions.toString(found)
              + "): chmod 600 "
              + file);
    }
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
