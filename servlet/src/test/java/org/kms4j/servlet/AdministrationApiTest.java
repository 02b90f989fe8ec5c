package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.ApiClient.Answer;

/** A platform team sets up the server by {@code bootstrap.json} and the API alone. */
class AdministrationApiTest extends ApiFixture {
  private static final String AUTH = "/api/v1/auth/universal-auth/identities/";

  private static String organisation() throws Exception {
    return ApiClient.JSON
        .readTree(home.resolve("bootstrap.json").toFile())
        .get("organizationId")
        .asText();
  }

  private static Answer newIdentity(ApiClient by, String role) throws Exception {
    return by.post(
        "/api/v1/identities",
        body("{'name':'robot','organizationId':'%s','role':'%s'}", organisation(), role));
  }

  /** An identity with a way to log in. */
  private record Robot(String id, ApiClient client) {}

  private static Robot robot(String role) throws Exception {
    String id = newIdentity(admin, role).ok().at("/identity/id").asText();
    String clientId =
        admin.post(AUTH + id, "{}").ok().at("/identityUniversalAuth/clientId").asText();
    String secret =
        admin.post(AUTH + id + "/client-secrets", "{}").ok().get("clientSecret").asText();
    return new Robot(id, ApiClient.anonymous(server.url()).logIn(clientId, secret));
  }

  private static void denied(Answer answer, String what) {
    answer.is(403, "PermissionDenied", "You are not allowed to " + what);
    assertEquals("[]", answer.body().get("details").toString());
  }

  private static Answer member(ApiClient by, String project, String identity, String role)
      throws Exception {
    return by.post(
        "/api/v1/projects/" + project + "/identity-memberships/" + identity,
        body("{'role':'%s'}", role));
  }

  @Test
  void fromNothingToAnEncryptedMessage() throws Exception {
    Robot robot = robot("no-access");
    JsonNode project =
        admin.post("/api/v1/projects", body("{'projectName':'Pay','type':'kms'}")).ok();
    String id = project.at("/project/id").asText();
    JsonNode membership = member(admin, id, robot.id(), "member").ok();
    String key =
        robot
            .client()
            .post(KEYS, body("{'projectId':'%s','name':'orders'}", id))
            .ok()
            .at("/key/id")
            .asText();

    assertArrayEquals(TEXT, robot.client().open(key, robot.client().seal(key, TEXT)));
    assertEquals(
        List.of("id", "name", "slug", "type", "orgId", "createdAt", "updatedAt"),
        names(project.get("project")));
    assertEquals(
        List.of("id", "projectId", "identityId", "createdAt", "updatedAt"),
        names(membership.get("identityMembership")));
  }

  @Test
  void aSlugIsOneProjectsAlone() throws Exception {
    String chosen = body("{'projectName':'Billing','slug':'billing'}");
    admin.post("/api/v1/projects", chosen).ok();
    admin
        .post("/api/v2/workspace", chosen)
        .is(400, "BadRequest", body("A project with the slug 'billing' already exists"));

    JsonNode made = admin.post("/api/v1/projects", body("{'projectName':'Billing'}")).ok();

    String slug = made.at("/project/slug").asText();
    assertTrue(slug.matches("billing-[a-z0-9]{4}"), slug);
  }

  @Test
  void theOlderPathsServeAsWell() throws Exception {
    Robot robot = robot("no-access");
    String id =
        admin
            .post("/api/v2/workspace", body("{'projectName':'Old'}"))
            .ok()
            .at("/project/id")
            .asText();

    admin
        .post(
            "/api/v2/workspace/" + id + "/identity-memberships/" + robot.id(),
            body("{'role':'viewer'}"))
        .ok();

    robot.client().get(KEYS + "?projectId=" + id).ok();
  }

  @Test
  void aRevokedClientSecretEndsItsTokens() throws Exception {
    String id = newIdentity(admin, "member").ok().at("/identity/id").asText();
    String clientId =
        admin
            .post(AUTH + id, body("{'accessTokenTTL':60,'accessTokenMaxTTL':600}"))
            .ok()
            .at("/identityUniversalAuth/clientId")
            .asText();
    JsonNode made =
        admin.post(AUTH + id + "/client-secrets", body("{'ttl':60,'numUsesLimit':1}")).ok();
    Answer grant =
        ApiClient.anonymous(server.url()).login(clientId, made.get("clientSecret").asText());
    ApiClient robot = admin.withToken(grant.ok().get("accessToken").asText());

    JsonNode data =
        admin
            .post(
                AUTH
                    + id
                    + "/client-secrets/"
                    + made.at("/clientSecretData/id").asText()
                    + "/revoke",
                "{}")
            .ok()
            .get("clientSecretData");

    assertEquals(60, grant.body().get("expiresIn").asInt());
    assertEquals(60, data.get("clientSecretTTL").asInt());
    assertEquals(1, data.get("clientSecretNumUses").asInt());
    assertEquals(true, data.get("isClientSecretRevoked").asBoolean());
    assertEquals(
        made.get("clientSecret").asText().substring(0, 4), data.get("clientSecretPrefix").asText());
    robot
        .get(KEYS + "?projectId=" + PROJECT)
        .is(401, "UnauthorizedError", "No identity access token found");
  }

  @Test
  void nobodyRaisesTheirOwnRights() throws Exception {
    for (String role : List.of("member", "no-access")) {
      Robot robot = robot(role);
      denied(newIdentity(robot.client(), "no-access"), "create on identity");
      denied(robot.client().post(AUTH + robot.id(), "{}"), "edit on identity");
      denied(robot.client().post(AUTH + robot.id() + "/client-secrets", "{}"), "edit on identity");
      denied(
          robot.client().post(AUTH + robot.id() + "/client-secrets/" + UNKNOWN + "/revoke", "{}"),
          "edit on identity");
      denied(member(robot.client(), PROJECT, robot.id(), "admin"), "edit on identity");
    }
    denied(
        robot("no-access").client().post("/api/v1/projects", body("{'projectName':'x'}")),
        "create on project");
  }

  @Test
  void anAdminOfAProjectGivesRolesThereAndNowhereElse() throws Exception {
    Robot owner = robot("member");
    Robot other = robot("no-access");
    String mine =
        owner
            .client()
            .post("/api/v1/projects", body("{'projectName':'mine'}"))
            .ok()
            .at("/project/id")
            .asText();

    member(owner.client(), mine, other.id(), "member").ok();

    denied(member(owner.client(), PROJECT, other.id(), "viewer"), "edit on identity");
    denied(member(other.client(), mine, other.id(), "admin"), "edit on identity");
  }

  @Test
  void whatIsUnknownIsSaidToBe() throws Exception {
    String missing = "Identity with ID " + UNKNOWN + " not found";
    admin.post(AUTH + UNKNOWN, "{}").is(404, "NotFound", missing);
    member(admin, PROJECT, UNKNOWN, "viewer").is(404, "NotFound", missing);
    member(admin, UNKNOWN, robot("no-access").id(), "viewer")
        .is(404, "NotFound", "Project with " + UNKNOWN + " not found");
    admin
        .post("/api/v1/identities", body("{'name':'x','organizationId':'%s'}", UNKNOWN))
        .is(404, "NotFound", "Organization with ID " + UNKNOWN + " not found");
  }

  @Test
  void termsThatCannotBeAreRefused() throws Exception {
    String id = newIdentity(admin, "member").ok().at("/identity/id").asText();

    assertIssues(
        admin.post(AUTH + id, body("{'accessTokenNumUsesLimit':-1,'accessTokenTrustedIps':[]}")),
        "Too small: expected number to be >=0",
        "Too small: expected array to have >=1 items");
    assertIssues(
        admin.post(AUTH + id, body("{'accessTokenTTL':2,'accessTokenMaxTTL':1}")),
        "accessTokenTTL cannot be greater than accessTokenMaxTTL");
    assertIssues(
        admin.post(AUTH + id, body("{'accessTokenTTL':1.5}")),
        "Invalid input: expected int, received number");
    assertIssues(
        admin.post(AUTH + id, body("{'accessTokenMaxTTL':315360001}")),
        "Too big: expected number to be <=315360000");
    for (String wrong : List.of("10.0.0.0/33", "example.org", "10.1", "010.0.0.1", "::/129", "")) {
      admin
          .post(AUTH + id, body("{'clientSecretTrustedIps':[{'ipAddress':'%s'}]}", wrong))
          .is(400, "BadRequest", "The IP is not a valid IPv4, IPv6, or CIDR block");
    }
  }
}
