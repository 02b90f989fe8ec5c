package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;

/** The audit log, as what comes over a socket fills it. */
@SuppressWarnings("StringConcatToTextBlock") // what ends in CR and LF is clearer in pieces
class AuditApiTest extends AuditFixture {
  @Nested
  class EachRequestLeavesOneRecord {
    @Test
    void whereItSucceeds() throws Exception {
      Instant before = Instant.now();
      Answer made =
          admin.post(
              KEYS,
              ApiFixture.body("{'projectId':'%s','name':'orders'}", KeyMetadata.DEFAULT_PROJECT));
      String key = made.ok().at("/key/id").asText();
      Answer sealed = admin.encrypt(key, TEXT);
      Answer rotated = admin.post(KEYS + "/" + key + "/rotate", "");
      Answer opened = admin.decrypt(key, sealed.ok().get("ciphertext").asText());
      Answer byName = admin.get(KEYS + "/key-name/orders?projectId=" + KeyMetadata.DEFAULT_PROJECT);
      Answer listed = admin.get(KEYS + "?projectId=" + KeyMetadata.DEFAULT_PROJECT);

      List<JsonNode> records = records();
      String path = KEYS + "/{keyId}";
      String project = ",'projectId':'" + KeyMetadata.DEFAULT_PROJECT + "'";
      assertEquals(line("POST " + KEYS, byAdmin(ofKey(key, "1"))), said(of(made, records)));
      assertEquals(
          line("POST " + path + "/encrypt", byAdmin(ofKey(key, "1"))), said(of(sealed, records)));
      assertEquals(
          line("POST " + path + "/rotate", byAdmin(ofKey(key, "2"))), said(of(rotated, records)));
      assertEquals(
          line("POST " + path + "/decrypt", byAdmin(ofKey(key, "2"))), said(of(opened, records)));
      assertEquals(
          line("GET " + KEYS + "/key-name/{keyName}", byAdmin(ofKey(key, "2"))),
          said(of(byName, records)));
      assertEquals(line("GET " + KEYS, byAdmin(project)), said(of(listed, records)));
      Instant time = Instant.parse(of(made, records).get("time").asText());
      assertFalse(time.isBefore(before) || time.isAfter(Instant.now()));
      Set<String> tokens = new HashSet<>();
      records.subList(1, records.size()).forEach(r -> tokens.add(r.get("accessTokenId").asText()));
      assertEquals(1, tokens.size());
    }

    @Test
    void whereItIsRefused() throws Exception {
      String key = admin.createKey("orders", "aes-256-gcm");
      ApiClient nobody = ApiClient.anonymous(server.url());
      ApiClient stranger = robot();
      Answer noToken = nobody.encrypt(key, TEXT);
      Answer badToken = admin.withToken("abc").encrypt(key, TEXT);
      Answer notAllowed = stranger.encrypt(key, TEXT);
      Answer notThere = admin.encrypt(UNKNOWN, TEXT);
      Answer badBody = admin.post(KEYS + "/" + key + "/encrypt", "{");
      Answer badMember = admin.post(KEYS + "/" + key + "/encrypt", "{}");
      Answer badId = admin.encrypt("orders", TEXT);
      Answer notOpened = admin.decrypt(key, ApiClient.base64(new byte[64]));
      Answer noRoute = admin.get("/api/v1/orders?name=orders");
      Answer noMethod = admin.send("PUT", KEYS, "application/json", BodyPublishers.ofString("{}"));

      List<JsonNode> records = records();
      String route = "POST " + KEYS + "/{keyId}/encrypt";
      String keyAlone = ofKey(key, "");
      assertEquals(line(route, keyAlone), said(of(noToken, records)));
      assertEquals(line(route, keyAlone), said(of(badToken, records)));
      assertEquals(403, notAllowed.status());
      assertTrue(said(of(notAllowed, records)).contains("'identityName':'robot'"));
      assertTrue(said(of(notAllowed, records)).endsWith(ofKey(key, "1") + "}"));
      assertEquals(line(route, byAdmin(ofKey(UNKNOWN, ""))), said(of(notThere, records)));
      assertEquals(line(route, byAdmin(keyAlone)), said(of(badBody, records)));
      assertEquals(422, badMember.status());
      assertEquals(line(route, byAdmin(keyAlone)), said(of(badMember, records)));
      assertEquals(line(route, byAdmin("")), said(of(badId, records)));
      assertEquals(
          line("POST " + KEYS + "/{keyId}/decrypt", byAdmin(ofKey(key, "1"))),
          said(of(notOpened, records)));
      assertEquals(line("-", ""), said(of(noRoute, records)));
      assertEquals(line("-", ""), said(of(noMethod, records)));
    }

    private ApiClient robot() throws Exception {
      String identity =
          admin
              .post(
                  "/api/v1/identities",
                  ApiFixture.body(
                      "{'name':'robot','organizationId':'%s'}",
                      bootstrap("organizationId").asText()))
              .ok()
              .at("/identity/id")
              .asText();
      String auth = "/api/v1/auth/universal-auth/identities/" + identity;
      String client = admin.post(auth, "{}").ok().at("/identityUniversalAuth/clientId").asText();
      String secret = admin.post(auth + "/client-secrets", "{}").ok().get("clientSecret").asText();
      return ApiClient.anonymous(server.url()).logIn(client, secret);
    }

    @Test
    void whereSomebodyLogsInOrTries() throws Exception {
      String client = bootstrap("clientId").asText();
      ApiClient nobody = ApiClient.anonymous(server.url());
      Answer good = nobody.login(client, bootstrap("clientSecret").asText());
      Answer wrong = nobody.login(client, "wrong");
      Answer nonsense = nobody.login(bootstrap("clientSecret").asText(), "wrong");
      String token =
          ApiFixture.body("{'accessToken':'%s'}", good.body().get("accessToken").asText());
      Answer ended = nobody.post("/api/v1/auth/token/revoke", token);

      List<JsonNode> records = records();
      String identity = "'identityId':'" + bootstrap("identityId").asText() + "'";
      String login = "POST /api/v1/auth/universal-auth/login";
      String named = "'clientId':'" + client + "'";
      assertTrue(good.ok().has("accessToken"));
      assertTrue(said(of(good, records)).contains(named));
      assertTrue(said(of(good, records)).contains(identity));
      assertEquals(line(login, ",'of':{" + named + "}"), said(of(wrong, records)));
      assertEquals(line(login, ""), said(of(nonsense, records)));
      assertEquals(
          line("POST /api/v1/auth/token/revoke", ",'of':{" + identity + "}"),
          said(of(ended, records)));
    }

    @Test
    void whereRightsChange() throws Exception {
      Answer made =
          admin.post(
              "/api/v1/identities",
              ApiFixture.body(
                  "{'name':'robot','organizationId':'%s'}", bootstrap("organizationId").asText()));
      String identity = made.ok().at("/identity/id").asText();
      Answer member =
          admin.post(
              "/api/v1/projects/"
                  + KeyMetadata.DEFAULT_PROJECT
                  + "/identity-memberships/"
                  + identity,
              ApiFixture.body("{'role':'viewer'}"));
      Answer project = admin.post("/api/v1/projects", ApiFixture.body("{'projectName':'orders'}"));

      List<JsonNode> records = records();
      assertEquals(identity, of(made, records).at("/of/identityId").asText());
      assertEquals(identity, of(member, records).at("/of/identityId").asText());
      assertEquals(KeyMetadata.DEFAULT_PROJECT, of(member, records).get("projectId").asText());
      assertEquals(
          project.ok().at("/project/id").asText(), of(project, records).get("projectId").asText());
    }

    @Test
    void withEachKeyOfMany() throws Exception {
      String one = admin.createKey("one", "aes-256-gcm");
      String two = admin.createKey("two", "aes-256-gcm");
      Answer taken =
          admin.post(
              KEYS + "/bulk-export-private-keys",
              ApiFixture.body("{'keyIds':['%s','%s']}", two, one));
      Answer brought =
          admin.post(
              KEYS + "/bulk-import",
              ApiFixture.body(
                  "{'projectId':'%s','keys':[{'name':'three','keyUsage':'encrypt-decrypt',"
                      + "'algorithm':'aes-256-gcm','keyMaterial':'%s'},{'name':'one',"
                      + "'keyUsage':'encrypt-decrypt','algorithm':'aes-256-gcm',"
                      + "'keyMaterial':'%s'}]}",
                  KeyMetadata.DEFAULT_PROJECT,
                  ApiClient.base64(new byte[32]),
                  ApiClient.base64(new byte[32])));

      List<JsonNode> records = records();
      assertEquals(
          ApiFixture.body("[{'id':'%s','version':1},{'id':'%s','version':1}]", two, one),
          of(taken, records).get("keys").toString());
      assertEquals(
          ApiFixture.body("[{'id':'%s','version':1}]", brought.ok().at("/keys/0/id").asText()),
          of(brought, records).get("keys").toString());
    }

    @Test
    void butWhoAsksForTheStatusOrTheDocumentLeavesNone() throws Exception {
      ApiClient nobody = ApiClient.anonymous(server.url());
      int before = 1;
      nobody.get("/api/status").ok();
      nobody.get("/api/docs/json").ok();
      nobody.get("/api/docs/absent");

      assertEquals(before, records().size());
    }

    @Test
    void alsoWhereABodyBreaksOff() throws Exception {
      String key = admin.createKey("orders", "aes-256-gcm");
      int before = 2;
      String answer =
          raw(
              "POST "
                  + (KEYS + "/" + key + "/encrypt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n")
                  + ("Authorization: Bearer " + admin.token() + "\r\n")
                  + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

      List<JsonNode> records = records();
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertEquals(before + 1, records.size(), records::toString);
      assertTrue(answer.contains(records.get(before).get("reqId").asText()), answer);
    }
  }

  @Test
  void noLineHoldsWhatMustNotBeToldOrWasSentToForgeOne() throws Exception {
    String forged = "\\n{\\\"reqId\\\":\\\"req-forged\\\"}";
    String key = admin.createKey("topsecretname", "aes-256-gcm");
    String sealed = admin.seal(key, TEXT);
    admin.open(key, sealed);
    String material = admin.get(KEYS + "/" + key + "/private-key").ok().get("privateKey").asText();
    String escapes = "%0A%7B%22reqId%22:%22req-forged%22%7D%0D%1B%5B2J";
    admin.get(KEYS + "/" + escapes);
    admin.get(KEYS + "/key-name/" + escapes + "?projectId=" + escapes);
    admin.get("/api/" + escapes);
    admin.get(KEYS + "?projectId=" + escapes);
    admin.send(admin.request(KEYS).GET().header("user-agent", "\"req-forged\"\t{}"));
    admin.post(
        KEYS, ApiFixture.body("{'projectId':'FORGED','name':'FORGED'}").replace("FORGED", forged));
    admin.login(forged.replace("\\", ""), "req-forged");
    raw(
        "GET /api/req-forged HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            + "User-Agent: \u0085\u001b\"req-forged\"\r\n\r\n");
    raw("FORGED /api/req-forged HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    String secret = bootstrap("clientSecret").asText();

    List<JsonNode> records = records();
    String text = Files.readString(home.resolve("audit.log"), StandardCharsets.US_ASCII);
    for (String hidden :
        List.of(
            admin.token(),
            admin.token().substring(admin.token().lastIndexOf('.')),
            secret,
            "topsecretname",
            "attack",
            ApiClient.base64(TEXT),
            sealed,
            material,
            "forged",
            "FORGED")) {
      assertFalse(text.contains(hidden), hidden);
    }
    Set<String> ids = new HashSet<>();
    for (JsonNode record : records) {
      assertTrue(record.get("reqId").asText().matches("req-[0-9A-Za-z]{14}"), record::toString);
      assertTrue(ids.add(record.get("reqId").asText()));
    }
  }
}
