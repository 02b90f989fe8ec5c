import org.kms4j.provider.KmsProvider;

/** The JCA provider {@code KMS}. */
module org.kms4j.provider {
  requires transitive java.sql;
  requires org.xerial.sqlitejdbc;
  requires static jdk.jfr;
  requires static org.crac;
  requires static org.jspecify;

  exports org.kms4j.key;
  exports org.kms4j.store;
  exports org.kms4j.root;
  exports org.kms4j.provider;

  uses java.security.Provider;

  provides java.security.Provider with
      KmsProvider;
}
