import org.kms4j.provider.KmsProvider;

/** The JCA provider {@code KMS}. */
@SuppressWarnings("requires-automatic") // The driver of PostgreSQL is no module yet.
module org.kms4j.provider {
  requires transitive java.sql;
  requires org.xerial.sqlitejdbc;
  requires static com.zaxxer.hikari;
  requires static jdk.jfr;
  requires static org.crac;
  requires static org.jspecify;
  requires static org.postgresql.jdbc;

  exports org.kms4j.key;
  exports org.kms4j.store;
  exports org.kms4j.root;
  exports org.kms4j.provider;

  uses java.security.Provider;

  provides java.security.Provider with
      KmsProvider;
}
