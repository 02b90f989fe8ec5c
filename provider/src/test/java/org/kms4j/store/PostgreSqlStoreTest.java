package org.kms4j.store;

/** In PostgreSQL. */
class PostgreSqlStoreTest extends JdbcStoreContract {
  PostgreSqlStoreTest() {
    super(PostgresServer.emptySchema(), PostgresServer.emptySchema());
  }
}
