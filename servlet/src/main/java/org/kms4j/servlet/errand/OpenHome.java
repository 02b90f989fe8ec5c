package org.kms4j.servlet.errand;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.servlet.auth.AuthTables;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.store.Database;

/**
 * A home folder at work: its keys and its projects, wherever its settings keep them. Other
 * processes may have the same home open.
 *
 * <p>For use by one thread. Closing it wipes all key material from memory.
 */
public final class OpenHome implements AutoCloseable {
  private final Database database;
  private final Keyring keyring;
  private final AuthTables tables;
  private final Identities identities;

  private OpenHome(Database database, Keyring keyring, AuthTables tables) {
    this.database = database;
    this.keyring = keyring;
    this.tables = tables;
    this.identities = new Identities(tables, Clock.systemUTC());
  }

  /**
   * Opens a home folder that is there.
   *
   * @param own settings that win over those found elsewhere
   */
  public static OpenHome open(Path home, Map<String, String> own) {
    KeyringConfig config = KeyringConfig.load(home, own);
    Database database = config.openDatabase();
    try {
      Keyring keyring = config.open(database);
      try {
        return new OpenHome(database, keyring, AuthTables.open(database));
      } catch (RuntimeException e) {
        keyring.close();
        throw e;
      }
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  Keyring keyring() {
    return keyring;
  }

  /** The default project is there before the first start of a server makes it. */
  boolean hasProject(String project) {
    return project.equals(KeyMetadata.DEFAULT_PROJECT) || identities.projectExists(project);
  }

  /** Makes the project, to which nobody belongs yet. */
  void makeProject(String project, String name) {
    identities.createProject(project, name);
  }

  @Override
  public void close() {
    tables.close();
    keyring.close();
    database.close();
  }
}
