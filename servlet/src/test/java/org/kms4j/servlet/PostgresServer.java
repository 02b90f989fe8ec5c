package org.kms4j.servlet;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL for all tests of this JVM, each with a schema of its own; it ends with the JVM.
 * Where none can be started the test is skipped, and the run says why.
 */
public final class PostgresServer {
  /** Held, since it would forget its level otherwise. */
  private static final List<Logger> TALKATIVE =
      List.of(Logger.getLogger("com.zaxxer.hikari"), Logger.getLogger("io.zonky.test"));

  private static Optional<EmbeddedPostgres> server = Optional.empty();
  private static int schemas;

  private PostgresServer() {}

  /** The URL of a new schema with nothing in it. */
  public static synchronized String emptySchema() {
    EmbeddedPostgres running = server.orElseGet(PostgresServer::start);
    server = Optional.of(running);
    String schema = "schema" + ++schemas;
    try (Connection connection = running.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + schema);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return running.getJdbcUrl("postgres", "postgres") + "&currentSchema=" + schema;
  }

  /** A server of one's own, which the test stops; its data are those of the last in the folder. */
  static EmbeddedPostgres start(Path data, int port) {
    return start(
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setPort(port));
  }

  private static EmbeddedPostgres start() {
    return start(EmbeddedPostgres.builder());
  }

  private static EmbeddedPostgres start(EmbeddedPostgres.Builder builder) {
    TALKATIVE.forEach(log -> log.setLevel(Level.WARNING));
    try {
      return builder
          .setPGStartupWait(Duration.ofMinutes(1))
          .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
          .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException | IllegalStateException e) {
      System.out.println("[postgresql] skipped: PostgreSQL does not start here: " + e);
      return Assumptions.abort("PostgreSQL does not start here: " + e);
    }
  }
}
