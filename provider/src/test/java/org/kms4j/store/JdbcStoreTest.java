package org.kms4j.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** In a file of SQLite's. */
class JdbcStoreTest extends JdbcStoreContract {
  JdbcStoreTest(@TempDir Path folder) {
    super("jdbc:sqlite:" + folder.resolve("kms.db"), "jdbc:sqlite:" + folder.resolve("old.db"));
  }
}
