package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.ApiClient.Answer;

/** Tokens that were never ours, over a real socket: refused, and never an error of the server. */
class HostileTokensTest extends ApiFixture {
  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> hostile() {
    String[] parts = admin.token().split("\\.", -1);
    List<String> tokens = new ArrayList<>(List.of("", ".", "..", "...", "null", "a.b.c", "null.."));
    for (String header :
        List.of(
            "null",
            "[]",
            "5",
            "\"x\"",
            "true",
            "",
            "{",
            "{}",
            "{\"alg\":null}",
            "{\"alg\":\"none\"}",
            "{\"alg\":\"HS512\"}",
            "{\"alg\":\"RS256\"}",
            "{\"alg\":\"HS256\",\"crit\":null}",
            "{\"alg\":\"HS256\",\"b64\":false}",
            "{\"alg\":\"HS256\",\"zip\":\"DEF\"}",
            "{\"alg\":\"HS256\",\"alg\":\"none\"}",
            "[".repeat(2_000),
            "{\"a\":".repeat(400))) {
      for (String body : List.of(parts[1], "", encoded("null"))) {
        tokens.add(encoded(header) + "." + body + "." + parts[2]);
        tokens.add(encoded(header) + "." + body + ".");
      }
    }
    for (String body : List.of("", encoded("null"), encoded("[]"), encoded("{}"), "*")) {
      tokens.add(parts[0] + "." + body + "." + parts[2]);
    }
    tokens.add(parts[0] + "." + parts[1] + "." + parts[2] + "=");
    tokens.add(parts[0] + "=." + parts[1] + "." + parts[2]);
    return tokens;
  }

  private static void assertRefused(Answer answer, String token) {
    assertTrue(
        answer.status() == 401 || answer.status() == 403, () -> answer.body() + " to " + token);
  }

  @Test
  void areRefusedInTheHeader() throws Exception {
    for (String token : hostile()) {
      assertRefused(admin.withToken(token).get(KEYS + "?projectId=" + PROJECT), token);
    }
  }

  @Test
  void areRefusedInTheBody() throws Exception {
    ApiClient anonymous = ApiClient.anonymous(server.url());
    List<String> tokens = hostile();
    tokens.add(".".repeat(1_000_000));
    tokens.add(admin.token() + "A".repeat(1_000_000));
    for (String verb : List.of("renew", "revoke")) {
      for (String token : tokens) {
        assertRefused(
            anonymous.post(
                "/api/v1/auth/token/" + verb,
                ApiClient.JSON.createObjectNode().put("accessToken", token).toString()),
            token);
      }
    }
  }

  @Test
  void withTheHeaderNullAreNoFaultOfTheServer() throws Exception {
    admin
        .withToken(encoded("null") + ".e30.AAAA")
        .get(KEYS + "?projectId=" + PROJECT)
        .is(403, "TokenError", "invalid token");

    assertEquals(200, admin.get(KEYS + "?projectId=" + PROJECT).status());
  }
}
