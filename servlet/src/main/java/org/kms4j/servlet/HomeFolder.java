package org.kms4j.servlet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The folder that holds root key, database and settings; for its owner's eyes alone. */
final class HomeFolder {
  private static final String PROPERTY = "kms.home";
  private static final String VARIABLE = "KMS_HOME";
  private static final String DEFAULT = "kms4j-home";

  private HomeFolder() {}

  /**
   * What was given, else the environment's {@code KMS_HOME}, else the system property {@code
   * kms.home}, else {@code ./kms4j-home}.
   */
  static Path find(Optional<String> given) {
    return Path.of(
        given
            .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
            .or(() -> Optional.ofNullable(System.getProperty(PROPERTY)))
            .orElse(DEFAULT));
  }

  /** Makes the folder, mode 0700, unless it is there. */
  static void create(Path home) {
    if (Files.exists(home)) {
      return;
    }
    try {
      Path absolute = home.toAbsolutePath().normalize();
      Files.createDirectories(absolute.resolveSibling(""));
      if (absolute.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectory(
            absolute,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(absolute);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("home folder " + home + " cannot be made", e);
    }
  }
}
