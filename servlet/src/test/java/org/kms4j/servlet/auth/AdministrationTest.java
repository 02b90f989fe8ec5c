package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.servlet.auth.Administration.MadeProject;

class AdministrationTest extends AuthCase {
  private Administration administration;
  private Caller caller;

  @BeforeEach
  void open() throws Exception {
    administration = new Administration(auth.tables, auth.clock);
    caller = auth.tokens.verify(auth.token(auth.client(TokenLifetime.DEFAULT)), AuthFixture.HERE);
  }

  private MadeProject project(String name, String slug) throws AuthException {
    return administration.createProject(caller, name, slug);
  }

  private long rows(String table) {
    return auth.tables.read(
        s -> s.one("SELECT COUNT(*) FROM " + table, row -> row.getLong(1)).orElseThrow());
  }

  @Nested
  class Slugs {
    @Test
    void aSlugThatAnotherProjectHasIsRefusedAndNothingIsMade() throws Exception {
      project("Payments", "pay");
      long projects = rows("auth_project");

      AuthException refused = assertThrows(AuthException.class, () -> project("Other", "pay"));

      assertEquals(AuthException.Kind.CONFLICT, refused.kind());
      assertEquals("A project with the slug \"pay\" already exists", refused.getMessage());
      assertEquals(projects, rows("auth_project"));
    }

    @ParameterizedTest
    @CsvSource({
      "Payments, payments",
      "' Pay -- and  go! ', pay-and-go",
      "Z\u00fcrich \u00c9t\u00e9, zurich-ete",
      "\u652f\u4ed8, project",
      "---, project",
      "a_b.c/d, a-b-c-d"
    })
    void withoutOneTheNameMakesIt(String name, String slug) throws Exception {
      assertEquals(slug, project(name, "").slug());
    }

    @Test
    void aNameThatIsTakenGetsATail() throws Exception {
      Set<String> slugs = new HashSet<>();
      for (int i = 0; i < 5; i++) {
        slugs.add(project("Pay", "").slug());
      }

      assertEquals(5, slugs.size());
      assertTrue(slugs.remove("pay"));
      slugs.forEach(slug -> assertTrue(slug.matches("pay-[a-z0-9]{4}"), slug));
    }

    @Test
    void theFirstProjectAndOneThatMovedHereHaveTheirs() throws Exception {
      auth.identities.createProject("moved", "Moved here");

      for (String slug : List.of("default", "moved-here")) {
        AuthException refused = assertThrows(AuthException.class, () -> project("Any", slug));
        assertEquals(AuthException.Kind.CONFLICT, refused.kind());
      }
    }

    @Test
    void aLongNameIsCutToFit() throws Exception {
      String name = "twenty-six-letters-and-more and yet more";
      String first = project(name, "").slug();
      String second = project(name, "").slug();

      assertEquals("twenty-six-letters-and-more-and", first);
      assertTrue(second.matches("twenty-six-letters-and-more-[a-z0-9]{4}"), second);
      assertTrue(second.length() <= ProjectSlug.MAX_CHARS);
    }

    @Test
    void ofManyWhoWantOneAtOnceOneGetsIt() throws Exception {
      AuthTables elsewhere = AuthTables.open(auth.database);
      Administration there = new Administration(elsewhere, auth.clock);
      List<Callable<Boolean>> wishes = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Administration at = i % 2 == 0 ? administration : there;
        wishes.add(() -> isMade(at));
      }
      ExecutorService pool = Executors.newFixedThreadPool(4);

      int made = 0;
      for (Future<Boolean> wish : pool.invokeAll(wishes)) {
        made += wish.get() ? 1 : 0;
      }

      pool.shutdown();
      elsewhere.close();
      assertEquals(1, made);
    }

    private boolean isMade(Administration at) {
      try {
        at.createProject(caller, "wanted", "wanted");
        return true;
      } catch (AuthException e) {
        return false;
      }
    }

    @Test
    void theTailIsRandom() throws Exception {
      project("Pay", "");

      String first = auth.tables.read(s -> ProjectSlug.free(s, "Pay", new SecureRandom()));
      String second = auth.tables.read(s -> ProjectSlug.free(s, "Pay", new SecureRandom()));

      assertTrue(first.startsWith("pay-"), first);
      assertNotEquals(first, second);
    }
  }

  @Nested
  class WhatIsMissing {
    private final UUID nobody = UUID.randomUUID();

    private String refusal(org.junit.jupiter.api.function.Executable attempt) {
      return String.valueOf(assertThrows(AuthException.class, attempt).getMessage());
    }

    @Test
    void anIdentityThatIsGoneGetsNoRoleAndNoSecret() {
      UUID identity = administration.createIdentity("x", OrganisationRole.NO_ACCESS).id();
      auth.identities.delete(identity);

      assertEquals(
          "Identity with ID " + identity + " not found",
          refusal(() -> administration.setRole(AuthFixture.PROJECT, identity, Role.ADMIN)));
      assertEquals(
          "Identity with ID " + identity + " not found",
          refusal(
              () ->
                  administration.enableUniversalAuth(
                      identity, TokenTerms.of(TokenLifetime.DEFAULT))));
      assertEquals(
          "Universal auth of identity with ID " + identity + " not found",
          refusal(() -> administration.addClientSecret(identity, SecretLimits.NONE, "")));
    }

    @Test
    void anUnknownProjectHasNoMembersAndNoneIsLost() throws Exception {
      long members = rows("auth_membership");

      assertEquals(
          "Project with nowhere not found",
          refusal(() -> administration.setRole("nowhere", caller.identityId(), Role.ADMIN)));
      assertEquals(members, rows("auth_membership"));
    }

    @Test
    void aSecretOfAnotherIdentityIsNotRevoked() throws Exception {
      AuthFixture.Client client = auth.client(TokenLifetime.DEFAULT);

      assertEquals(
          "Client secret with ID " + client.secret().id() + " not found",
          refusal(() -> administration.revokeClientSecret(nobody, client.secret().id())));
      auth.token(client);
    }

    @Test
    void ofTwoWaysToLogInTheSecondIsRefused() throws Exception {
      UUID identity = administration.createIdentity("x", OrganisationRole.NO_ACCESS).id();
      administration.enableUniversalAuth(identity, TokenTerms.of(TokenLifetime.DEFAULT));

      assertEquals(
          "Failed to add universal auth to already configured identity",
          refusal(
              () ->
                  administration.enableUniversalAuth(
                      identity, TokenTerms.of(TokenLifetime.DEFAULT))));
    }
  }
}
