package org.kms4j.servlet.auth;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.kms4j.store.Session;

/**
 * Machine identities, their client secrets, and their roles in projects.
 *
 * <p>Every change is durable when its call returns, holds at once in this process, and in every
 * other that shares the database as {@link AuthTables} says: within a second, as a rule.
 *
 * <p>Safe for use by many threads.
 */
public final class Identities {
  private final AuthTables tables;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public Identities(AuthTables tables, Clock clock) {
    this.tables = tables;
    this.clock = clock;
  }

  /**
   * The first identity of an installation, with all its secrets.
   *
   * @param organisationId the installation's organisation
   * @param identityId admin of the first project
   * @param clientId what it logs in with
   * @param secret likewise
   */
  public record FirstAdmin(
      UUID organisationId, UUID identityId, UUID clientId, ClientSecret secret) {}

  /** The organisation, once there is one. */
  public Optional<UUID> organisation() {
    return tables.read(Identities::organisation);
  }

  private static Optional<UUID> organisation(Session session) throws SQLException {
    return session.one(
        "SELECT organisation_id FROM auth_organisation", row -> UUID.fromString(row.getString(1)));
  }

  /**
   * Makes organisation, project and admin, unless there is an organisation. Of several processes
   * one does; the others see what it did.
   *
   * @param publish hands the secret to its owner before anything is committed, so that no admin
   *     exists whose secret nobody has
   * @return the organisation
   */
  public UUID openInstallation(String project, String projectName, Consumer<FirstAdmin> publish) {
    return tables.change(
        session -> {
          Optional<UUID> found = organisation(session);
          if (found.isPresent()) {
            return found.get();
          }
          long now = clock.millis();
          UUID organisation = UUID.randomUUID();
          session.update(
              "INSERT INTO auth_organisation (id, organisation_id, created_at) VALUES (1, ?, ?)",
              organisation.toString(),
              now);
          String slug = ProjectSlug.free(session, projectName, random);
          insertProject(session, project, projectName, slug, now);
          UUID identity = insertIdentity(session, "admin", OrganisationRole.ADMIN, now);
          UUID clientId =
              insertUniversalAuth(session, identity, TokenTerms.of(TokenLifetime.DEFAULT), now);
          ClientSecret secret =
              insertSecret(
                  session, identity, ClientSecret.draw(random), SecretLimits.NONE, "", now);
          insertMembership(session, project, identity, Role.ADMIN, now);
          publish.accept(new FirstAdmin(organisation, identity, clientId, secret));
          return organisation;
        });
  }

  /** Makes a project, whose id the caller has chosen. */
  public void createProject(String project, String name) {
    tables.change(
        session -> {
          String slug = ProjectSlug.free(session, name, random);
          return insertProject(session, project, name, slug, clock.millis());
        });
  }

  /** Makes an identity that can do nothing yet. */
  public UUID createIdentity(String name) {
    return tables.change(
        session -> insertIdentity(session, name, OrganisationRole.NO_ACCESS, clock.millis()));
  }

  /** Lets the identity log in by client id and secret, and returns the client id. */
  public UUID enableUniversalAuth(UUID identity, TokenLifetime lifetime) {
    return enableUniversalAuth(identity, TokenTerms.of(lifetime));
  }

  /** Likewise, on these terms. */
  public UUID enableUniversalAuth(UUID identity, TokenTerms terms) {
    return tables.change(session -> insertUniversalAuth(session, identity, terms, clock.millis()));
  }

  /** Gives the identity another client secret. */
  public ClientSecret addClientSecret(UUID identity, SecretLimits limits) {
    return tables.change(
        session ->
            insertSecret(session, identity, ClientSecret.draw(random), limits, "", clock.millis()));
  }

  /** Ends a client secret and every token that was issued for it. */
  public void revokeClientSecret(UUID clientSecret) {
    tables.change(
        session ->
            session.update(
                "UPDATE auth_client_secret SET revoked = 1, updated_at = ?"
                    + " WHERE client_secret_id = ?",
                clock.millis(),
                clientSecret.toString()));
  }

  /** Gives the identity this role in the project, in place of any other. */
  public void setRole(String project, UUID identity, Role role) {
    tables.change(
        session -> {
          deleteMembership(session, project, identity);
          return insertMembership(session, project, identity, role, clock.millis());
        });
  }

  /** Takes the identity out of the project. */
  public void removeFromProject(String project, UUID identity) {
    tables.change(session -> deleteMembership(session, project, identity));
  }

  /** Removes the identity with its secrets, tokens and roles. */
  public void delete(UUID identity) {
    tables.change(
        session ->
            session.update("DELETE FROM auth_identity WHERE identity_id = ?", identity.toString()));
  }

  /**
   * Returns if the caller may do this in the project. From memory where the caller belongs to it.
   *
   * @throws AuthException if not; says whether the project, the membership or the role is missing
   */
  public void require(Caller caller, Permission permission, String project) throws AuthException {
    Optional<Role> role = caller.roleIn(project);
    if (role.isEmpty()) {
      throw projectExists(project)
          ? AuthException.notAMember(project)
          : AuthException.noSuchProject(project);
    }
    if (!role.get().allows(permission)) {
      throw AuthException.denied(permission);
    }
  }

  /** Whether there is such a project. */
  public boolean projectExists(String project) {
    return tables
        .read(
            session ->
                session.one(
                    "SELECT 1 FROM auth_project WHERE project_id = ?",
                    row -> row.getInt(1),
                    project))
        .isPresent();
  }

  static int insertProject(Session session, String project, String name, String slug, long now)
      throws SQLException {
    return session.update(
        "INSERT INTO auth_project (project_id, name, slug, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, ?)",
        project,
        name,
        slug,
        now,
        now);
  }

  static UUID insertIdentity(Session session, String name, OrganisationRole role, long now)
      throws SQLException {
    UUID identity = UUID.randomUUID();
    session.update(
        "INSERT INTO auth_identity (identity_id, name, organisation_role, created_at,"
            + " updated_at) VALUES (?, ?, ?, ?, ?)",
        identity.toString(),
        name,
        role.text(),
        now,
        now);
    return identity;
  }

  static UUID insertUniversalAuth(Session session, UUID identity, TokenTerms terms, long now)
      throws SQLException {
    UUID clientId = UUID.randomUUID();
    session.update(
        "INSERT INTO auth_universal (identity_id, client_id, token_ttl_seconds,"
            + " token_max_ttl_seconds, token_max_uses, login_from, token_from, wrong_secrets,"
            + " last_wrong_at, locked_until, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?)",
        identity.toString(),
        clientId.toString(),
        terms.lifetime().ttl(),
        terms.lifetime().maxTtl(),
        terms.maxUses(),
        terms.loginFrom().text(),
        terms.tokenFrom().text(),
        now,
        now);
    return clientId;
  }

  static ClientSecret insertSecret(
      Session session,
      UUID identity,
      ClientSecret secret,
      SecretLimits limits,
      String description,
      long now)
      throws SQLException {
    session.update(
        "INSERT INTO auth_client_secret (client_secret_id, identity_id, sha256, prefix, uses,"
            + " max_uses, expires_at, revoked, description, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, 0, ?, ?, 0, ?, ?, ?)",
        secret.id().toString(),
        identity.toString(),
        secret.sha256(),
        secret.prefix(),
        limits.maxUses(),
        limits.ttl() == 0 ? 0 : now + limits.ttl() * 1_000,
        description,
        now,
        now);
    return secret;
  }

  static int insertMembership(Session session, String project, UUID identity, Role role, long now)
      throws SQLException {
    return session.update(
        "INSERT INTO auth_membership (identity_id, project_id, role, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, ?)",
        identity.toString(),
        project,
        role.text(),
        now,
        now);
  }

  static int deleteMembership(Session session, String project, UUID identity) throws SQLException {
    return session.update(
        "DELETE FROM auth_membership WHERE identity_id = ? AND project_id = ?",
        identity.toString(),
        project);
  }
}
