package org.kms4j.servlet.auth;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A new installation for each test. */
abstract class AuthCase {
  @TempDir Path home;
  AuthFixture auth;

  @BeforeEach
  void openInstallation() throws Exception {
    auth = new AuthFixture(home, settings());
  }

  @AfterEach
  void closeInstallation() {
    auth.close();
  }

  /** Of the database, by default a file in the home. */
  Map<String, String> settings() {
    return Map.of();
  }
}
