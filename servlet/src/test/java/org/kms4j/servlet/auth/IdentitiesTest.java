package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentitiesTest extends AuthCase {
  private AuthFixture.Client client;

  @BeforeEach
  void open() {
    client = auth.client(TokenLifetime.DEFAULT);
  }

  private Caller caller() throws AuthException {
    return auth.tokens.verify(auth.token(client), AuthFixture.HERE);
  }

  private AuthException refusal(String project, Permission permission) throws AuthException {
    Caller caller = caller();
    return assertThrows(
        AuthException.class, () -> auth.identities.require(caller, permission, project));
  }

  @Test
  void aStrangerToTheProjectIsNoMember() throws Exception {
    AuthException refused = refusal(AuthFixture.PROJECT, Permission.READ);

    assertEquals(AuthException.Kind.NOT_A_MEMBER, refused.kind());
    assertEquals(
        "You are not a member of this project with ID "
            + AuthFixture.PROJECT
            + ". Please assign this identity to the project with the appropriate permissions,"
            + " then try again.",
        refused.getMessage());
  }

  @Test
  void anUnknownProjectIsSaidToBeUnknown() throws Exception {
    AuthException refused = refusal("nowhere", Permission.READ);

    assertEquals(AuthException.Kind.NO_SUCH_PROJECT, refused.kind());
    assertEquals("Project with nowhere not found", refused.getMessage());
  }

  @Test
  void aRoleInOneProjectIsNoneInAnother() throws Exception {
    auth.identities.createProject("other", "Other");
    auth.identities.setRole("other", client.identity(), Role.ADMIN);

    assertEquals(
        AuthException.Kind.NOT_A_MEMBER, refusal(AuthFixture.PROJECT, Permission.ENCRYPT).kind());
  }

  @Test
  void whoIsTakenOutIsNoMemberAnymore() throws Exception {
    auth.identities.setRole(AuthFixture.PROJECT, client.identity(), Role.ADMIN);
    Caller before = caller();

    auth.identities.removeFromProject(AuthFixture.PROJECT, client.identity());

    assertTrue(before.roleIn(AuthFixture.PROJECT).isPresent());
    assertEquals(Optional.empty(), caller().roleIn(AuthFixture.PROJECT));
  }

  @ParameterizedTest
  @EnumSource
  void eachRoleMayDoItsPermissionsAndNoOthers(Role role) throws Exception {
    auth.identities.setRole(AuthFixture.PROJECT, client.identity(), role);
    Caller caller = caller();

    for (Permission permission : Permission.values()) {
      if (role.allows(permission)) {
        assertDoesNotThrow(() -> auth.identities.require(caller, permission, AuthFixture.PROJECT));
      } else {
        AuthException refused = refusal(AuthFixture.PROJECT, permission);
        assertEquals(AuthException.Kind.DENIED, refused.kind());
        assertEquals(
            "You are not allowed to " + permission.text() + " on cmek", refused.getMessage());
      }
    }
  }

  @Test
  void theRolesAreThoseOfUpstream() {
    assertEquals(EnumSet.allOf(Permission.class), permissions(Role.ADMIN));
    assertEquals(
        EnumSet.complementOf(EnumSet.of(Permission.EXPORT_PRIVATE_KEY)), permissions(Role.MEMBER));
    assertEquals(EnumSet.of(Permission.READ), permissions(Role.VIEWER));
    assertEquals(
        EnumSet.of(
            Permission.ENCRYPT,
            Permission.DECRYPT,
            Permission.SIGN,
            Permission.VERIFY,
            Permission.GENERATE_MAC,
            Permission.VERIFY_MAC),
        permissions(Role.CRYPTOGRAPHIC_OPERATOR));
    assertEquals(Set.of(), permissions(Role.NO_ACCESS));
  }

  private static Set<Permission> permissions(Role role) {
    return Arrays.stream(Permission.values()).filter(role::allows).collect(Collectors.toSet());
  }

  @Test
  void roleTextsGoBothWays() {
    for (Role role : Role.values()) {
      assertEquals(role, Role.of(role.text()));
    }
    assertThrows(IllegalArgumentException.class, () -> Role.of("Admin"));
  }

  /** While somebody gives the identity a name and two roles, all of one word, over and over. */
  @Test
  void whoCallsIsReadAsOfOneMoment() throws Exception {
    String token = auth.token(client);
    auth.identities.setRole(AuthFixture.PROJECT, client.identity(), Role.VIEWER);
    rename("admin");
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> renaming =
        CompletableFuture.runAsync(
            () -> {
              while (!done.get()) {
                rename("member");
                rename("admin");
              }
            });

    try {
      for (int i = 0; i < 300; i++) {
        Caller caller = newTokens().verify(token, AuthFixture.HERE);
        String name = caller.identityName();
        assertEquals(name, caller.organisationRole().text());
        assertEquals(name, caller.roleIn(AuthFixture.PROJECT).orElseThrow().text());
      }
    } finally {
      done.set(true);
      renaming.join();
    }
  }

  /** They remember nothing. */
  private AccessTokens newTokens() {
    return new AccessTokens(
        auth.tables, auth.signer, auth.organisation, auth.clock, TokenLifetime.USUAL);
  }

  private void rename(String word) {
    String identity = client.identity().toString();
    auth.tables.change(
        session -> {
          session.update(
              "UPDATE auth_identity SET name = ?, organisation_role = ? WHERE identity_id = ?",
              word,
              word,
              identity);
          return session.update(
              "UPDATE auth_membership SET role = ? WHERE identity_id = ?", word, identity);
        });
  }

  @Test
  void anInstallationIsMadeOnce() {
    boolean[] published = {false};

    assertEquals(
        auth.organisation,
        auth.identities.openInstallation("p", "P", admin -> published[0] = true));

    assertFalse(published[0]);
  }

  @Test
  void anInstallationWhoseSecretCannotBePublishedIsNotMade(@TempDir Path other) throws Exception {
    try (org.kms4j.store.Database database =
            org.kms4j.store.Database.open("jdbc:sqlite:" + other.resolve("x.db"));
        AuthTables tables = AuthTables.open(database)) {
      Identities identities = new Identities(tables, auth.clock);

      assertThrows(
          IllegalStateException.class,
          () ->
              identities.openInstallation(
                  "p",
                  "P",
                  admin -> {
                    throw new IllegalStateException("disk full");
                  }));

      assertEquals(Optional.empty(), identities.organisation());
    }
  }
}
