package org.kms4j.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL. One serves all tests of this JVM, each with a schema of its own, and ends with
 * it; a test that stops its server has one to itself. Where none can be started the test is
 * skipped, and the run says why.
 */
public final class PostgresServer implements AutoCloseable {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();
  private static Optional<PostgresServer> shared = Optional.empty();
  private static Optional<String> failure = Optional.empty();

  private final EmbeddedPostgres server;

  private PostgresServer(EmbeddedPostgres server) {
    this.server = server;
  }

  /** The URL of a new schema with nothing in it. */
  public static synchronized String emptySchema() {
    failure.ifPresent(Assumptions::abort);
    if (shared.isEmpty()) {
      shared = Optional.of(start(EmbeddedPostgres.builder()));
    }
    PostgresServer server = shared.get();
    String schema = "schema" + SCHEMAS.incrementAndGet();
    server.execute("CREATE SCHEMA " + schema);
    return server.url() + "&currentSchema=" + schema;
  }

  /** A server of one's own, whose data are those of the last one in the folder. */
  public static PostgresServer start(Path data, int port) {
    return start(
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setPort(port));
  }

  private static PostgresServer start(EmbeddedPostgres.Builder builder) {
    try {
      return new PostgresServer(builder.setPGStartupWait(Duration.ofMinutes(1)).start());
    } catch (IOException | IllegalStateException e) {
      String reason = "PostgreSQL does not start here: " + e;
      System.out.println("[postgresql] skipped: " + reason);
      failure = Optional.of(reason);
      return Assumptions.abort(reason);
    }
  }

  public String url() {
    return server.getJdbcUrl("postgres", "postgres");
  }

  public int port() {
    return server.getPort();
  }

  /** Runs a statement as the database's owner. */
  public static synchronized void executeShared(String sql) {
    shared.orElseThrow().execute(sql);
  }

  /** The same on a server of one's own. */
  public void execute(String sql) {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
