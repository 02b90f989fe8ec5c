package org.kms4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.Provider;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;

/**
 * A throw-away home with a real store and root key, as an application has it; opened when it is
 * first asked for, so that a peer that needs none measures a JVM without kms4j.
 */
final class Home implements AutoCloseable {
  private @Nullable Opened opened;

  private record Opened(Path folder, Database database, Keyring keyring, Provider provider) {}

  Provider provider() {
    return opened().provider;
  }

  KmsKey key(KeyAlgorithm algorithm) {
    try {
      return KmsKey.of(opened().keyring.create(algorithm.text(), algorithm).id());
    } catch (KeyException e) {
      throw new IllegalStateException(e);
    }
  }

  private Opened opened() {
    if (opened == null) {
      opened = open();
    }
    return opened;
  }

  private static Opened open() {
    try {
      Path folder = Files.createTempDirectory("kms4j-benchmark");
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
    try (Stream<Path> files = Files.walk(opened.folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
