package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;

/** Infisical's own SDKs for Node, unmodified, each with all that it has for KMS and the login. */
class SdkIT extends ApiFixture {
  /** What a script needs to log in as the admin of a new project, with a token to renew. */
  static Map<String, String> environment(String url) throws Exception {
    Identities identities = server.server().identities();
    UUID robot = identities.createIdentity("sdk");
    UUID clientId = identities.enableUniversalAuth(robot, new TokenLifetime(3_600, 86_400));
    String project =
        admin
            .post("/api/v1/projects", body("{'projectName':'%s','type':'kms'}", newName()))
            .ok()
            .at("/project/id")
            .asText();
    identities.setRole(project, robot, Role.ADMIN);
    return Map.of(
        "URL",
        url,
        "CLIENT_ID",
        clientId.toString(),
        "CLIENT_SECRET",
        identities.addClientSecret(robot, SecretLimits.NONE).text(),
        "PROJECT_ID",
        project);
  }

  @ParameterizedTest
  @CsvSource({
    "sdk-5, sdk.mjs, '@infisical/sdk 5.0.2: 11 methods, 93 calls'",
    "sdk-4, sdk.mjs, '@infisical/sdk 4.0.6: 11 methods, 93 calls'",
    "sdk-3, sdk-3.mjs, '@infisical/sdk 3.0.91: 18 methods, 73 calls'"
  })
  void everyMethodIsAnsweredAsItExpects(String name, String script, String sum) throws Exception {
    NodeProject sdk = NodeProject.of(name);

    List<String> lines = sdk.run(environment(server.url()), script);

    lines.forEach(System.out::println);
    assertEquals(List.of(sum), lines);
  }
}
