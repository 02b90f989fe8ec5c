package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.servlet.ApiClient.Answer;

/** What holds for every answer, and where no route is, over a real socket. */
@SuppressWarnings("StringConcatToTextBlock") // what ends in CR and LF is clearer in pieces
class HttpApiTest extends ApiFixture {
  @Nested
  class EveryAnswer {
    @Test
    void hasItsRequestIdTypeAndIsNotStored() throws Exception {
      for (Answer answer :
          List.of(
              admin.get("/api/status"),
              admin.get(KEYS + "/" + UNKNOWN),
              admin.get("/api/nowhere"),
              ApiClient.anonymous(server.url()).get(KEYS))) {
        String id = answer.raw().headers().firstValue("x-request-id").orElseThrow();
        String type = answer.raw().headers().firstValue("content-type").orElseThrow();
        assertTrue(id.matches("req-[0-9A-Za-z]{14}"), id);
        assertEquals("application/json; charset=utf-8", type.replace(";charset", "; charset"));
        assertEquals("no-store", answer.raw().headers().firstValue("cache-control").orElseThrow());
        if (answer.status() != 200) {
          assertEquals(id, answer.body().get("reqId").asText());
          assertEquals(answer.status(), answer.body().get("statusCode").asInt());
        }
        assertEquals(Optional.empty(), answer.raw().headers().firstValue("server"));
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "GET /api/status HTTP/1.1\r\nhost: x\r\n",
          "HEAD /api/status HTTP/1.1\r\nhost: x\r\n",
          "GET /api/docs HTTP/1.1\r\nhost: x\r\n",
          "OPTIONS /api/status HTTP/1.1\r\nhost: x\r\n",
          "TRACE / HTTP/1.1\r\nhost: x\r\n",
          "GET /WEB-INF/../WEB-INF/web.xml HTTP/1.1\r\nhost: x\r\n",
          "GET /api/%zz HTTP/1.1\r\nhost: x\r\n",
          "GET /.. HTTP/1.1\r\nhost: x\r\n",
          "GET / HTTP/1.1\r\n",
          "GET / HTTP/9.9\r\nhost: x\r\n",
          "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n",
          "POST /api/v1/auth/token/renew HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n",
          "GET / HTTP/1.1\r\nhost: x\r\nname without colon\r\n",
          "GARBAGE\r\n"
        })
    void hasTheSameHeadWhoeverGivesIt(String head) throws Exception {
      String answer = RawAnswers.exchange(server.url(), head + "connection: close\r\n\r\n");
      String lower = answer.toLowerCase(Locale.ROOT);

      assertTrue(lower.contains("\r\nx-request-id: req-"), answer);
      assertTrue(lower.contains("\r\ncache-control: no-store\r\n"), answer);
      assertTrue(lower.contains("\r\nx-content-type-options: nosniff\r\n"), answer);
      assertFalse(answer.contains("Tomcat"), answer);
    }

    @Test
    void ofAnErrorHasFourMembers() throws Exception {
      Answer answer = admin.get(KEYS + "/" + UNKNOWN);

      assertEquals(List.of("reqId", "statusCode", "message", "error"), names(answer.body()));
    }
  }

  @Nested
  class Status {
    @Test
    void isToldToAnybody() throws Exception {
      Answer answer = ApiClient.anonymous(server.url()).get("/api/status");

      assertEquals("Ok", answer.ok().get("message").asText());
      assertEquals(2_592_000, answer.body().get("maxIdentityAccessTokenTTL").asInt());
      assertEquals(
          List.of(
              "date",
              "message",
              "emailConfigured",
              "inviteOnlySignup",
              "redisConfigured",
              "secretScanningConfigured",
              "maxIdentityAccessTokenTTL"),
          names(answer.body()));
      assertEquals("up", answer.raw().headers().firstValue("x-kms-store").orElseThrow());
      assertEquals(
          server.server().keyring().node().toString(),
          answer.raw().headers().firstValue("x-kms-node").orElseThrow());
    }

    @Test
    void isRefusedForABrokenQuery() throws Exception {
      String answer = raw("GET /api/status?a=%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      String json = answer.substring(answer.indexOf('{'));

      Contract.OURS.check("GET", "/api/status", 400, ApiClient.JSON.readTree(json));
      assertTrue(json.contains("Malformed URL encoding in query parameters"), answer);
    }

    @Test
    void answersHeadLikeGetWithoutABody() throws Exception {
      Answer answer =
          admin.send(admin.request("/api/status").method("HEAD", BodyPublishers.noBody()));

      assertEquals(200, answer.status());
      assertTrue(answer.body().isMissingNode());
      assertNotEquals("0", answer.raw().headers().firstValue("content-length").orElseThrow());
    }
  }

  @Nested
  class UnknownRoutes {
    @ParameterizedTest
    @CsvSource({
      "GET,/",
      "GET,/api",
      "GET,/api/v1/kms/keys/a/b/c",
      "POST,/api/status",
      "PUT,/api/v1/kms/keys",
      "GET,/api/v1/auth/token/renew",
      "OPTIONS,/api/status",
      "GET,/index.html",
      "GET,/index.jsp",
      "GET,/META-INF/MANIFEST.MF",
      "GET,/WEB-INF/web.xml",
      "GET,/WEB-INF/lib/x.jar",
      "GET,/org/kms4j/servlet/Launcher.class"
    })
    void areAnsweredByJson(String method, String path) throws Exception {
      Answer answer =
          admin.send(admin.request(path + "?x=1").method(method, BodyPublishers.noBody()));

      assertEquals(404, answer.status());
      assertEquals("Not Found", answer.error());
      assertEquals("/api/docs/json", answer.body().get("docs").asText());
      assertTrue(answer.message().startsWith("Route " + method + ":" + path + " not found. "));
    }

    @Test
    void slashesAtTheEndDoNotCount() throws Exception {
      assertEquals(200, admin.get("/api/status/").status());
      assertEquals(200, admin.get(KEYS + "/?projectId=" + PROJECT).status());
    }

    @Test
    void aBrokenPathIsRefusedInTheSameShape() throws Exception {
      String answer = raw("GET /api/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");

      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertTrue(answer.contains("\"error\":\"BadRequest\""), answer);
      assertFalse(answer.contains("Tomcat"), answer);
    }

    @Test
    void whatIsNoHttpGetsNoVersion() throws Exception {
      String answer = raw("GARBAGE\r\n\r\n");

      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertTrue(answer.contains("\"message\":\"The request is not valid HTTP\""), answer);
      assertFalse(answer.contains("Tomcat"), answer);
    }
  }
}
