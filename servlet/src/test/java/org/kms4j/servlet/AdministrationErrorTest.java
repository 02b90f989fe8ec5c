package org.kms4j.servlet;

import org.junit.jupiter.api.Test;

/** What the routes of administration say of what is not there, or is there already. */
class AdministrationErrorTest extends ApiFixture {
  private static final String AUTH = "/api/v1/auth/universal-auth/identities/";

  private static String newIdentity() throws Exception {
    String organisation =
        ApiClient.JSON
            .readTree(home.resolve("bootstrap.json").toFile())
            .get("organizationId")
            .asText();
    return admin
        .post(
            "/api/v1/identities",
            body("{'name':'%s','organizationId':'%s','role':'member'}", newName(), organisation))
        .ok()
        .at("/identity/id")
        .asText();
  }

  @Test
  void universalAuthIsAddedOnce() throws Exception {
    String id = newIdentity();
    admin.post(AUTH + id, "{}").ok();

    admin
        .post(AUTH + id, "{}")
        .is(400, "BadRequest", "Failed to add universal auth to already configured identity");
  }

  @Test
  void aSecretWantsItsUniversalAuthAndIsRevokedByItsId() throws Exception {
    String id = newIdentity();
    admin
        .post(AUTH + id + "/client-secrets", "{}")
        .is(404, "NotFound", "Universal auth of identity with ID " + id + " not found");

    admin.post(AUTH + id, "{}").ok();
    admin
        .post(AUTH + id + "/client-secrets/" + UNKNOWN + "/revoke", "{}")
        .is(404, "NotFound", "Client secret with ID " + UNKNOWN + " not found");
  }
}
