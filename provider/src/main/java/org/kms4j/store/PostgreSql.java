package org.kms4j.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * PostgreSQL, or what speaks its protocol, behind a pool; the one class besides {@link Listener}
 * that names driver and pool, which are optional.
 *
 * <p>Every wait has an end: for a connection, for a statement, for the network. A process that is
 * stopped within a transaction loses it, so that its locks do not hold up the others.
 *
 * <p>Threat: a password in a log. The parameters of a URL appear in no message.
 *
 * <p>Safe for use by many threads.
 */
final class PostgreSql implements Dialect {
  static final String PREFIX = "jdbc:postgresql:";

  /** Of the advisory lock of who changes the schema: "kms4j" in ASCII. */
  private static final long SCHEMA_LOCK = 0x6b6d73346aL;

  private static final int MAX_CONNECTIONS = 10;
  private static final int DRIVER_CONNECT_SECONDS = 10;
  private static final String DRIVER_NAME = "PostgreSQL JDBC Driver";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration POOL_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(3);

  /** Below the one for statements, so that who waits for the locks of such a one gets them. */
  private static final Duration STANDSTILL_TIMEOUT = Duration.ofSeconds(2);

  /** Above the one for statements, which the server keeps while it is alive. */
  private static final Duration NETWORK_TIMEOUT = Duration.ofSeconds(4);

  private static final String SETTINGS =
      "SELECT set_config('statement_timeout', '%1$d', false),"
              .formatted(STATEMENT_TIMEOUT.toMillis())
          + " set_config('idle_in_transaction_session_timeout', '%1$d', false),"
              .formatted(STANDSTILL_TIMEOUT.toMillis())
          + " CASE WHEN current_setting('synchronous_commit') = 'off'"
          + " THEN set_config('synchronous_commit', 'on', false) END";

  /** SQLSTATEs: unique_violation, duplicate_table, duplicate_column, duplicate_object. */
  private static final Set<String> DUPLICATE = Set.of("23505", "42P07", "42701", "42710");

  /** serialization_failure, deadlock_detected. */
  private static final Set<String> CONFLICT = Set.of("40001", "40P01");

  /** query_canceled, which is what the timeout of a statement does, and lock_not_available. */
  private static final Set<String> BUSY = Set.of("57014", "55P03");

  /** feature_not_supported, syntax_error, undefined_function. */
  private static final Set<String> UNKNOWN_HERE = Set.of("0A000", "42601", "42883");

  private final HikariDataSource pool;

  /** Null where nobody can be called. */
  private final @Nullable Listener listener;

  private PostgreSql(HikariDataSource pool, @Nullable Listener listener) {
    this.pool = pool;
    this.listener = listener;
  }

  static PostgreSql open(String url) {
    PGSimpleDataSource source = source(url);
    HikariDataSource pool = pool(source, Database.shown(url));
    try {
      boolean calls = hasNotify(source);
      return new PostgreSql(pool, calls ? new Listener(source) : null);
    } catch (SQLException e) {
      pool.close();
      throw cannotOpen(Database.shown(url), e);
    }
  }

  private static PGSimpleDataSource source(String url) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    if (Database.shown(url).contains("@")) {
      // The driver would take it for a port, and log it.
      throw new StoreException(
          "a URL of PostgreSQL's has user and password behind the '?': "
              + PREFIX
              + "//<host>/<database>?user=…&password=…");
    }
    try {
      source.setURL(url);
    } catch (IllegalArgumentException e) {
      // Its message has the whole URL, and so may have a password.
      throw new StoreException("the driver cannot read the URL " + Database.shown(url));
    }
    if (source.getSocketTimeout() == 0) {
      source.setSocketTimeout((int) NETWORK_TIMEOUT.toSeconds());
    }
    if (source.getConnectTimeout() == DRIVER_CONNECT_SECONDS) {
      source.setConnectTimeout((int) CONNECT_TIMEOUT.toSeconds());
    }
    source.setTcpKeepAlive(true);
    if (DRIVER_NAME.equals(source.getApplicationName())) {
      source.setApplicationName("kms4j");
    }
    return source;
  }

  private static HikariDataSource pool(PGSimpleDataSource source, String shown) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("kms4j");
    config.setDataSource(source);
    config.setMaximumPoolSize(MAX_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(POOL_TIMEOUT.toMillis());
    config.setValidationTimeout(CONNECT_TIMEOUT.toMillis());
    // What the statements are written for, whatever the server's default.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(SETTINGS);
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw cannotOpen(shown, e);
    }
  }

  private static StoreException cannotOpen(String shown, Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new StoreException(
        "database %s cannot be opened: %s".formatted(shown, cause.getMessage()), e);
  }

  /** Asked of a connection of its own: a statement that fails spoils the transaction it is in. */
  private static boolean hasNotify(PGSimpleDataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Listener.LISTEN);
      return true;
    } catch (SQLException e) {
      if (UNKNOWN_HERE.contains(state(e))) {
        return false;
      }
      throw e;
    }
  }

  private static String state(SQLException e) {
    return String.valueOf(e.getSQLState());
  }

  @Override
  public String name() {
    return "postgresql";
  }

  @Override
  public Session borrow() throws SQLException {
    return new Session(pool.getConnection(), listener == null ? "" : Listener.NOTIFY);
  }

  @Override
  public void release(Session session, boolean good) {
    session.close();
  }

  @Override
  public boolean oneWriter() {
    return false;
  }

  @Override
  public void lockSchema(Session session) throws SQLException {
    try {
      session.one("SELECT pg_advisory_xact_lock(?)", row -> true, SCHEMA_LOCK);
    } catch (SQLException e) {
      if (!UNKNOWN_HERE.contains(state(e))) {
        throw e;
      }
      // Without the lock whoever is second finds what is there already, and tries again.
      session.undo();
    }
  }

  @Override
  public void hold(Session session) throws SQLException {
    session.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    // It has no locks that would hold up others while it stands still.
    session.update("SET LOCAL idle_in_transaction_session_timeout = 0");
  }

  @Override
  public boolean isDuplicate(SQLException e) {
    return DUPLICATE.contains(state(e));
  }

  @Override
  public boolean isConflict(SQLException e) {
    return CONFLICT.contains(state(e));
  }

  @Override
  public boolean isBusy(SQLException e) {
    return e instanceof SQLTransientConnectionException || BUSY.contains(state(e));
  }

  @Override
  public void listen(Runnable wake) {
    if (listener != null) {
      listener.add(wake);
    }
  }

  @Override
  public void unlisten(Runnable wake) {
    if (listener != null) {
      listener.remove(wake);
    }
  }

  @Override
  public void close() {
    if (listener != null) {
      listener.close();
    }
    pool.close();
  }
}
