package org.kms4j.servlet.errand;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.store.Database;

/**
 * Where a store is: what was named, a home folder or a JDBC URL.
 *
 * <p>Threat: a password in a message; the parameters of a URL appear in none.
 *
 * @param url of the store
 * @param home the home folder, if one was named
 */
record StorePlace(String url, Optional<Path> home) {
  private static final String URL = "jdbc:";
  private static final String FILE_URL = "jdbc:sqlite:";

  /** The store that a home folder uses now, or that of a URL; it has to be there. */
  static StorePlace source(String named) {
    StorePlace place =
        named.startsWith(URL)
            ? new StorePlace(named, Optional.empty())
            : new StorePlace(config(folder(named)).storeUrl(), Optional.of(folder(named)));
    if (place.file().isPresent() && !Files.isRegularFile(place.file().get())) {
      throw new IllegalArgumentException("there is no store " + place.file().get());
    }
    return place;
  }

  /** The file of a home folder, wherever its keys are now, or the store of a URL. */
  static StorePlace target(String named) {
    if (named.startsWith(URL)) {
      return new StorePlace(named, Optional.empty());
    }
    KeyringConfig config = config(folder(named));
    String url = config.storeUrl().startsWith(FILE_URL) ? config.storeUrl() : config.fileUrl();
    return new StorePlace(url, Optional.of(folder(named)));
  }

  private static Path folder(String named) {
    try {
      return Path.of(named);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + named + "' is neither a folder nor a URL", e);
    }
  }

  /** The settings of a home folder that is there. */
  static KeyringConfig config(Path home) {
    return KeyringConfig.load(home, Map.of());
  }

  private Optional<Path> file() {
    return url.startsWith(FILE_URL)
        ? Optional.of(folder(url.substring(FILE_URL.length())))
        : Optional.empty();
  }

  /** Whether both are one store, as far as can be told by looking. */
  boolean isSame(StorePlace other) {
    return url.equals(other.url)
        || (file().isPresent() && other.file().map(it -> isSame(file().get(), it)).orElse(false));
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      throw new UncheckedIOException(one + " cannot be looked at", e);
    }
  }

  Database open() {
    return Database.open(url);
  }

  @Override
  public String toString() {
    return Database.shown(url);
  }
}
