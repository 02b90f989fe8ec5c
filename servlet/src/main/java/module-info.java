/**
 * The provider KMS as a REST API.
 *
 * <p>Tomcat, which only {@code EmbeddedTomcat} names, stays on the class path: as a module it would
 * be a second home of {@code jakarta.servlet}. It wants {@code java.management}.
 */
module org.kms4j.servlet {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.nimbusds.jose.jwt;
  requires transitive jakarta.servlet;
  requires java.logging;
  requires java.management;
  requires org.kms4j.provider;
  requires static jdk.jfr;
  requires static org.jspecify;

  exports org.kms4j.servlet;
}
