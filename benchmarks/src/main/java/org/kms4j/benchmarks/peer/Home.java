package org.kms4j.benchmarks.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.store.Database;

/**
 * A home folder with a real store and root key, as an application has it; opened when it is first
 * asked for, so that a peer that needs none measures a JVM without kms4j.
 *
 * <p>Once it is open, safe for use by many threads.
 */
public final class Home implements AutoCloseable {
  private final @Nullable Path given;
  private @Nullable Opened opened;

  private record Opened(Path folder, Database database, Keyring keyring, KmsProvider provider) {}

  private Home(@Nullable Path given) {
    this.given = given;
  }

  /** A new folder, which {@link #close} deletes. */
  public static Home temporary() {
    return new Home(null);
  }

  /** A folder that stays. */
  public static Home at(Path folder) {
    return new Home(folder);
  }

  public KmsProvider provider() {
    return opened().provider;
  }

  public Keyring keyring() {
    return opened().keyring;
  }

  Database database() {
    return opened().database;
  }

  Path folder() {
    return opened().folder;
  }

  KmsKey importKey(KeyAlgorithm algorithm, byte[] material) {
    UUID keyId = UUID.randomUUID();
    NewKeySpec spec = NewKeySpec.of(keyId.toString(), algorithm);
    try {
      return KmsKey.of(keyring().importKey(keyId, spec, material).id());
    } catch (KeyException e) {
      throw new IllegalStateException(e);
    }
  }

  private Opened opened() {
    if (opened == null) {
      opened = open(given);
    }
    return opened;
  }

  private static Opened open(@Nullable Path given) {
    try {
      Path folder = given != null ? given : Files.createTempDirectory("kms4j-benchmark");
      KeyringConfig config = KeyringConfig.load(folder);
      Database database = config.openDatabase();
      Keyring keyring = config.open(database);
      return new Opened(folder, database, keyring, new KmsProvider(keyring));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (opened == null) {
      return;
    }
    opened.keyring.close();
    opened.database.close();
    if (given == null) {
      delete(opened.folder);
    }
  }

  /** Deletes a folder with all that is in it. */
  public static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
