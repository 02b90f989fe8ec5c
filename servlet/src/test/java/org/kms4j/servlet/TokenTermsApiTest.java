package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.ApiClient.Answer;

/** On what terms tokens serve, over a real socket; the client's address is 127.0.0.1. */
class TokenTermsApiTest extends ApiFixture {
  private static final String AUTH = "/api/v1/auth/universal-auth/identities/";
  private static final String LIST = KEYS + "?projectId=" + PROJECT;
  private static final String UNTRUSTED =
      "You are not allowed to access this resource from the current IP address";

  private record Robot(JsonNode terms, String clientId, String secret) {
    Answer login(ApiClient anonymous) throws Exception {
      return anonymous.login(clientId, secret);
    }

    ApiClient client() throws Exception {
      return ApiClient.anonymous(server.url()).logIn(clientId, secret);
    }
  }

  /** A viewer of the project on these terms. */
  private static Robot robot(ApiClient by, String terms) throws Exception {
    String organisation =
        ApiClient.JSON
            .readTree(home.resolve("bootstrap.json").toFile())
            .get("organizationId")
            .asText();
    String id =
        by.post("/api/v1/identities", body("{'name':'robot','organizationId':'%s'}", organisation))
            .ok()
            .at("/identity/id")
            .asText();
    by.post(
            "/api/v1/projects/" + PROJECT + "/identity-memberships/" + id,
            body("{'role':'viewer'}"))
        .ok();
    JsonNode made = by.post(AUTH + id, body(terms)).ok().get("identityUniversalAuth");
    String secret = by.post(AUTH + id + "/client-secrets", "{}").ok().get("clientSecret").asText();
    return new Robot(made, made.get("clientId").asText(), secret);
  }

  @Test
  void aTokenIsGoodForItsNumberOfUses() throws Exception {
    Robot robot = robot(admin, "{'accessTokenNumUsesLimit':2}");
    ApiClient client = robot.client();
    client.get(LIST).ok();
    client.get(LIST).ok();

    client
        .get(LIST)
        .is(
            401,
            "UnauthorizedError",
            "Unable to renew because access token number of uses limit reached");
    assertEquals(2, robot.terms().get("accessTokenNumUsesLimit").asInt());
    robot.client().get(LIST).ok();
  }

  @Test
  void whatIsTrustedIsShownAsItWasGiven() throws Exception {
    JsonNode terms =
        robot(
                admin,
                "{'clientSecretTrustedIps':[{'ipAddress':'127.0.0.1'},"
                    + "{'ipAddress':'2001:db8::/32'}]}")
            .terms();

    assertEquals(
        "[{'type':'ipv4','ipAddress':'127.0.0.1'},"
            + "{'type':'ipv6','prefix':32,'ipAddress':'2001:db8::'}]",
        terms.get("clientSecretTrustedIps").toString().replace('"', '\''));
    assertEquals(
        "[{'type':'ipv4','prefix':0,'ipAddress':'0.0.0.0'},"
            + "{'type':'ipv6','prefix':0,'ipAddress':'::'}]",
        terms.get("accessTokenTrustedIps").toString().replace('"', '\''));
  }

  @Test
  void aLoginFromElsewhereIsForbidden() throws Exception {
    ApiClient anonymous = ApiClient.anonymous(server.url());
    Robot robot = robot(admin, "{'clientSecretTrustedIps':[{'ipAddress':'10.0.0.0/8'}]}");

    robot.login(anonymous).is(403, "ForbiddenError", UNTRUSTED);
    // Nobody is trusted about the address but the socket.
    anonymous.send(loginFrom(anonymous, robot, "10.1.1.1")).is(403, "ForbiddenError", UNTRUSTED);
    robot(admin, "{'clientSecretTrustedIps':[{'ipAddress':'127.0.0.0/8'}]}").login(anonymous).ok();
  }

  @Test
  void aTokenElsewhereIsForbiddenAndCannotBeRenewed() throws Exception {
    ApiClient client =
        robot(admin, "{'accessTokenTrustedIps':[{'ipAddress':'10.0.0.0/8'}]}").client();

    client.get(LIST).is(403, "ForbiddenError", UNTRUSTED);
    client
        .post("/api/v1/auth/token/renew", body("{'accessToken':'%s'}", client.token()))
        .is(403, "ForbiddenError", UNTRUSTED);
    client.post("/api/v1/auth/token/revoke", body("{'accessToken':'%s'}", client.token())).ok();
  }

  @Test
  void aTokenWithoutTtlLivesAsLongAsTheServerAllows() throws Exception {
    Robot robot = robot(admin, "{'accessTokenTTL':0,'accessTokenMaxTTL':0}");

    JsonNode grant = robot.login(ApiClient.anonymous(server.url())).ok();

    assertEquals(2_592_000, grant.get("expiresIn").asInt());
    assertEquals(2_592_000, grant.get("accessTokenMaxTTL").asInt());
    assertEquals(0, robot.terms().get("accessTokenTTL").asInt());
    assertEquals(0, robot.terms().get("accessTokenMaxTTL").asInt());
  }

  @Test
  void aMaxTtlAloneBoundsTheTtl() throws Exception {
    JsonNode terms = robot(admin, "{'accessTokenMaxTTL':600}").terms();

    assertEquals(600, terms.get("accessTokenTTL").asInt());
  }

  private static HttpRequest.Builder loginFrom(ApiClient client, Robot robot, String... hops) {
    HttpRequest.Builder request =
        client
            .request(ApiClient.LOGIN)
            .header("content-type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    body(
                        "{'clientId':'%s','clientSecret':'%s'}",
                        robot.clientId(), robot.secret())));
    List.of(hops).forEach(hop -> request.header("X-Forwarded-For", hop));
    return request;
  }

  @Nested
  class BehindProxies {
    static EmbeddedServer behind;
    static ApiClient anonymous;
    static Robot robot;

    @BeforeAll
    static void start() throws Exception {
      behind =
          EmbeddedServer.start(
              home,
              Map.of(
                  "kms.http.port", "0",
                  "kms.http.trustedProxies", "127.0.0.1, 192.0.2.0/24",
                  "kms.http.maxTokenAge", "3600"));
      anonymous = ApiClient.anonymous(behind.url());
      robot = robot(admin, "{'clientSecretTrustedIps':[{'ipAddress':'10.0.0.0/8'}]}");
    }

    @AfterAll
    static void stop() {
      behind.close();
    }

    private static Answer login(String... hops) throws Exception {
      return anonymous.send(loginFrom(anonymous, robot, hops));
    }

    @Test
    void theLastHopThatIsNoProxyIsTheClient() throws Exception {
      login("10.1.1.1").ok();
      login("10.1.1.1, 192.0.2.9").ok();
      login("10.1.1.1", "192.0.2.9 , 192.0.2.8").ok();
      login("198.51.100.1, 10.1.1.1,192.0.2.9").ok();
    }

    @Test
    void whatTheClientWroteItselfDoesNotCount() throws Exception {
      login("10.1.1.1, 198.51.100.1").is(403, "ForbiddenError", UNTRUSTED);
      login("10.1.1.1, 198.51.100.1, 192.0.2.9").is(403, "ForbiddenError", UNTRUSTED);
      login("<script>, 10.1.1.1").ok();
    }

    @Test
    void withoutTheHeaderTheProxyIsTheClient() throws Exception {
      login().is(403, "ForbiddenError", UNTRUSTED);
      login("192.0.2.9").is(403, "ForbiddenError", UNTRUSTED);
    }

    @Test
    void aHopThatIsNoAddressIsOfNoNetwork() throws Exception {
      Robot anywhere = robot(admin, "{}");
      for (String hop : List.of("unknown", "10.1.1.1:4711", "", "localhost", "10.1.1.1,")) {
        login(hop).is(403, "ForbiddenError", UNTRUSTED);
        anonymous.send(loginFrom(anonymous, anywhere, hop)).ok();
      }
    }

    @Test
    void theServersOwnLimitOfAgeIsToldAndKept() throws Exception {
      JsonNode grant = login("10.1.1.1").ok();

      assertEquals(3_600, grant.get("expiresIn").asInt());
      assertEquals(
          3_600, anonymous.get("/api/status").ok().get("maxIdentityAccessTokenTTL").asInt());
    }
  }

  @Test
  void aSettingThatIsWrongStopsTheStart(@TempDir Path other) {
    for (Map<String, String> wrong :
        List.of(
            Map.of("kms.http.maxTokenAge", "0"),
            Map.of("kms.http.maxTokenAge", "315360001"),
            Map.of("kms.http.maxTokenAge", "1h"),
            Map.of("kms.http.trustedProxies", "proxy.example"),
            Map.of("kms.http.trustedProxies", "10.0.0.0/8,"))) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> ServerConfig.load(other, wrong));
      String name = wrong.keySet().iterator().next();
      assertEquals(true, String.valueOf(refused.getMessage()).contains(name));
    }
  }
}
