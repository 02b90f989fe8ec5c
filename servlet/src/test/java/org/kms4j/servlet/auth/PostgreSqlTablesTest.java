package org.kms4j.servlet.auth;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.kms4j.servlet.PostgresServer;

/** All that holds of the tables in a file holds of those in PostgreSQL. */
class PostgreSqlTablesTest {
  private static Map<String, String> emptySchema() {
    return Map.of("kms.store", PostgresServer.emptySchema());
  }

  @Nested
  class OfIdentities extends IdentitiesTest {
    @Override
    Map<String, String> settings() {
      return emptySchema();
    }
  }

  @Nested
  class OfLogins extends UniversalAuthTest {
    @Override
    Map<String, String> settings() {
      return emptySchema();
    }

    /** The youngest transaction that left a row. */
    @Override
    String lastChange() {
      return "SELECT MAX(x::text::bigint) FROM (SELECT xmin AS x FROM auth_universal"
          + " UNION ALL SELECT xmin FROM auth_client_secret"
          + " UNION ALL SELECT xmin FROM auth_epoch) t";
    }
  }

  @Nested
  class OfTokens extends AccessTokensTest {
    @Override
    Map<String, String> settings() {
      return emptySchema();
    }
  }

  @Nested
  class OfAdministration extends AdministrationTest {
    @Override
    Map<String, String> settings() {
      return emptySchema();
    }
  }

  @Nested
  class OfTerms extends TokenTermsTest {
    @Override
    Map<String, String> settings() {
      return emptySchema();
    }

    /** The youngest transaction that left a row. */
    @Override
    String lastChange() {
      return "SELECT MAX(x::text::bigint) FROM (SELECT xmin AS x FROM auth_counted_token"
          + " UNION ALL SELECT xmin FROM auth_client_secret"
          + " UNION ALL SELECT xmin FROM auth_revoked_token"
          + " UNION ALL SELECT xmin FROM auth_epoch) t";
    }
  }
}
