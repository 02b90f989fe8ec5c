package org.kms4j.servlet.auth;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.store.Session;

/**
 * Identities, projects and memberships, as callers ask for them.
 *
 * <p>Threat: a caller who raises their own rights. Whoever has a client secret of an identity is
 * that identity, so secrets and organisation roles are for organisation admins alone; an admin of a
 * project gives roles in that project and in no other.
 *
 * <p>Safe for use by many threads. A change is durable when its call returns; what it needs is
 * looked at in the transaction that makes it, so that nothing comes between.
 */
public final class Administration {
  private final AuthTables tables;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public Administration(AuthTables tables, Clock clock) {
    this.tables = tables;
    this.clock = clock;
  }

  /** Something that was made, and when. */
  public record Made(UUID id, Instant at) {}

  /** A project that was made, and the slug it was given. */
  public record MadeProject(Made made, String slug) {}

  /** A client secret without its text. */
  public record SecretData(
      UUID id,
      UUID identity,
      String description,
      String prefix,
      long uses,
      SecretLimits limits,
      boolean revoked,
      Instant createdAt,
      Instant updatedAt) {}

  /** A client secret at the one moment when it can be shown. */
  public record NewSecret(ClientSecret secret, SecretData data) {}

  /**
   * Returns if the caller may do this in the organisation.
   *
   * @throws AuthException if not
   */
  public static void require(Caller caller, Duty duty) throws AuthException {
    if (!caller.organisationRole().allows(duty)) {
      throw AuthException.denied(duty);
    }
  }

  /**
   * Returns if the caller may say who belongs to the project.
   *
   * @throws AuthException if not
   */
  public static void requireMembers(Caller caller, String project) throws AuthException {
    if (!caller.roleIn(project).equals(Optional.of(Role.ADMIN))) {
      require(caller, Duty.SET_MEMBERSHIP);
    }
  }

  /** Makes an identity that cannot log in yet. */
  public Made createIdentity(String name, OrganisationRole role) {
    Instant now = now();
    return new Made(
        tables.change(s -> Identities.insertIdentity(s, name, role, now.toEpochMilli())), now);
  }

  /** Lets the identity log in; the id is the client id. */
  public Made enableUniversalAuth(UUID identity, TokenTerms terms) throws AuthException {
    Instant now = now();
    return tables.attempt(
        s -> {
          requireIdentity(s, identity);
          if (hasUniversalAuth(s, identity)) {
            throw AuthException.conflict(
                "Failed to add universal auth to already configured identity");
          }
          return new Made(
              Identities.insertUniversalAuth(s, identity, terms, now.toEpochMilli()), now);
        });
  }

  /** Gives the identity another client secret. */
  public NewSecret addClientSecret(UUID identity, SecretLimits limits, String description)
      throws AuthException {
    ClientSecret secret = ClientSecret.draw(random);
    return tables.attempt(
        s -> {
          if (!hasUniversalAuth(s, identity)) {
            throw AuthException.notFound("Universal auth of identity", identity);
          }
          Identities.insertSecret(s, identity, secret, limits, description, clock.millis());
          return new NewSecret(secret, secret(s, identity, secret.id()));
        });
  }

  /** Ends a client secret of the identity and every token that was issued for it. */
  public SecretData revokeClientSecret(UUID identity, UUID clientSecret) throws AuthException {
    return tables.attempt(
        s -> {
          s.update(
              "UPDATE auth_client_secret SET revoked = 1, updated_at = ?"
                  + " WHERE client_secret_id = ? AND identity_id = ?",
              clock.millis(),
              clientSecret.toString(),
              identity.toString());
          return secret(s, identity, clientSecret);
        });
  }

  /**
   * Makes a project, whose admin the caller becomes.
   *
   * @param slug the slug that was asked for; empty for any that is free
   */
  public MadeProject createProject(Caller caller, String name, String slug) throws AuthException {
    Instant now = now();
    UUID project = UUID.randomUUID();
    return tables.attempt(
        s -> {
          String own =
              slug.isEmpty() ? ProjectSlug.free(s, name, random) : ProjectSlug.requireFree(s, slug);
          Identities.insertProject(s, project.toString(), name, own, now.toEpochMilli());
          Identities.insertMembership(
              s, project.toString(), caller.identityId(), Role.ADMIN, now.toEpochMilli());
          return new MadeProject(new Made(project, now), own);
        });
  }

  /** Gives the identity this role in the project, in place of any other. */
  public Made setRole(String project, UUID identity, Role role) throws AuthException {
    Instant now = now();
    return tables.attempt(
        s -> {
          requireIdentity(s, identity);
          requireProject(s, project);
          Identities.deleteMembership(s, project, identity);
          Identities.insertMembership(s, project, identity, role, now.toEpochMilli());
          return new Made(identity, now);
        });
  }

  private static void requireIdentity(Session session, UUID identity)
      throws SQLException, AuthException {
    if (!exists(session, "auth_identity WHERE identity_id", identity.toString())) {
      throw AuthException.notFound("Identity", identity);
    }
  }

  private static void requireProject(Session session, String project)
      throws SQLException, AuthException {
    if (!exists(session, "auth_project WHERE project_id", project)) {
      throw AuthException.noSuchProject(project);
    }
  }

  private static boolean hasUniversalAuth(Session session, UUID identity) throws SQLException {
    return exists(session, "auth_universal WHERE identity_id", identity.toString());
  }

  private static boolean exists(Session session, String where, String id) throws SQLException {
    return session.one("SELECT 1 FROM " + where + " = ?", row -> row.getInt(1), id).isPresent();
  }

  private static SecretData secret(Session session, UUID identity, UUID clientSecret)
      throws SQLException, AuthException {
    return session
        .one(
            "SELECT description, prefix, uses, max_uses, expires_at, revoked, created_at,"
                + " updated_at FROM auth_client_secret"
                + " WHERE client_secret_id = ? AND identity_id = ?",
            row -> {
              long expires = row.getLong(5);
              long ttl = expires == 0 ? 0 : (expires - row.getLong(7)) / 1_000;
              return new SecretData(
                  clientSecret,
                  identity,
                  row.getString(1),
                  row.getString(2),
                  row.getLong(3),
                  new SecretLimits(ttl, row.getLong(4)),
                  row.getInt(6) == 1,
                  Instant.ofEpochMilli(row.getLong(7)),
                  Instant.ofEpochMilli(row.getLong(8)));
            },
            clientSecret.toString(),
            identity.toString())
        .orElseThrow(() -> AuthException.notFound("Client secret", clientSecret));
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }
}
