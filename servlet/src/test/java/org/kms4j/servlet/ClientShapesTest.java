package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.StrictReader.Algorithms;
import org.kms4j.servlet.StrictReader.Grant;
import org.kms4j.servlet.StrictReader.Opened;
import org.kms4j.servlet.StrictReader.Public;
import org.kms4j.servlet.StrictReader.RustKey;
import org.kms4j.servlet.StrictReader.RustKeyAnswer;
import org.kms4j.servlet.StrictReader.RustKeysAnswer;
import org.kms4j.servlet.StrictReader.Sealed;
import org.kms4j.servlet.StrictReader.Signed;
import org.kms4j.servlet.StrictReader.Verified;

/**
 * The requests of clients that no test runs, in the shapes that their own code gives them; the
 * answers are read by {@link StrictReader}.
 */
class ClientShapesTest extends ApiFixture {
  private static final Pattern DATE =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");

  /** Who logs in, as an admin of the default project. */
  private static String credentials(String format) throws Exception {
    JsonNode bootstrap = ApiClient.JSON.readTree(home.resolve("bootstrap.json").toFile());
    return body(format, bootstrap.get("clientId").asText(), bootstrap.get("clientSecret").asText());
  }

  private static String newPair() throws Exception {
    return StrictReader.read(
            sent(
                "POST",
                KEYS,
                body(
                    "{'projectId':'%s','name':'%s','description':'','keyUsage':'sign-verify',"
                        + "'encryptionAlgorithm':'ECC_NIST_P256'}",
                    PROJECT, newName())),
            RustKeyAnswer.class)
        .key()
        .id();
  }

  @Nested
  class OfRust {
    @Test
    void everyAnswerWithAKeyHasAllElevenMembers() throws Exception {
      String name = newName();
      RustKey made =
          StrictReader.read(
                  sent(
                      "POST",
                      KEYS,
                      body(
                          "{'projectId':'%s','name':'%s','description':'',"
                              + "'keyUsage':'encrypt-decrypt','encryptionAlgorithm':'aes-256-gcm'}",
                          PROJECT, name)),
                  RustKeyAnswer.class)
              .key();

      assertEquals(
          new RustKey(
              made.id(),
              "",
              false,
              made.orgId(),
              name,
              made.createdAt(),
              made.createdAt(),
              PROJECT,
              "encrypt-decrypt",
              1,
              "aes-256-gcm"),
          made);
      assertTrue(DATE.matcher(made.createdAt()).matches(), made.createdAt());
      assertEquals(
          made,
          StrictReader.read(bodiless("GET", KEYS + "/" + made.id()), RustKeyAnswer.class).key());
      RustKeysAnswer page =
          StrictReader.read(bodiless("GET", KEYS + "?projectId=" + PROJECT), RustKeysAnswer.class);
      assertTrue(page.keys().contains(made));
      assertTrue(page.totalCount() >= 1);
      RustKey changed =
          StrictReader.read(
                  sent("PATCH", KEYS + "/" + made.id(), body("{'description':'new'}")),
                  RustKeyAnswer.class)
              .key();
      assertEquals("new", changed.description());
      assertTrue(DATE.matcher(changed.updatedAt()).matches(), changed.updatedAt());
      assertEquals(
          changed,
          StrictReader.read(sent("DELETE", KEYS + "/" + made.id(), "null"), RustKeyAnswer.class)
              .key());
    }

    @Test
    void theOthersAreReadToo() throws Exception {
      String keyId = newKey();
      String text = ApiClient.base64(TEXT);
      String ciphertext =
          StrictReader.read(
                  sent("POST", path(keyId, "encrypt"), body("{'plaintext':'%s'}", text)),
                  Sealed.class)
              .ciphertext();
      assertEquals(
          new Opened(text),
          StrictReader.read(
              sent("POST", path(keyId, "decrypt"), body("{'ciphertext':'%s'}", ciphertext)),
              Opened.class));

      String pairId = newPair();
      String order = "'signingAlgorithm':'ECDSA_SHA_256','isDigest':false,'data':'" + text + "'";
      Signed signed =
          StrictReader.read(
              sent("POST", path(pairId, "sign"), body("{" + order + "}")), Signed.class);
      assertEquals(new Signed(signed.signature(), pairId, "ECDSA_SHA_256"), signed);
      String question = body("{" + order + ",'signature':'%s'}", signed.signature());
      assertEquals(
          new Verified(true, pairId, "ECDSA_SHA_256"),
          StrictReader.read(sent("POST", path(pairId, "verify"), question), Verified.class));
      assertFalse(
          StrictReader.read(bodiless("GET", path(pairId, "public-key")), Public.class)
              .publicKey()
              .isEmpty());
      assertEquals(
          new Algorithms(List.of("ECDSA_SHA_512", "ECDSA_SHA_384", "ECDSA_SHA_256")),
          StrictReader.read(bodiless("GET", path(pairId, "signing-algorithms")), Algorithms.class));
    }
  }

  @Nested
  class OfPython {
    /** Its sessions send this header with every request, body or none. */
    private Answer get(String path) throws Exception {
      return admin.send(admin.request(path).header("content-type", ApiClient.JSON_TYPE).GET());
    }

    private void assertKey(JsonNode key) {
      for (String member :
          List.of(
              "id",
              "description",
              "isDisabled",
              "orgId",
              "name",
              "projectId",
              "version",
              "encryptionAlgorithm")) {
        assertTrue(key.has(member), () -> member + " in " + key);
      }
    }

    @Test
    void aGetHasAContentTypeAndNoBody() throws Exception {
      String name = newName();
      String create =
          body(
              "{'name': '%s', 'projectId': '%s', 'encryptionAlgorithm': 'aes-128-gcm'}",
              name, PROJECT);
      JsonNode made = sent("POST", KEYS, create).ok().get("key");

      assertKey(made);
      assertEquals(made, get(KEYS + "/" + made.get("id").asText()).ok().get("key"));
      String named = KEYS + "/key-name/" + name + "?projectId=" + PROJECT;
      assertEquals(made, get(named).ok().get("key"));
      String query = "&offset=0&limit=100&orderBy=name&orderDirection=asc";
      JsonNode page = get(KEYS + "?projectId=" + PROJECT + query).ok();
      page.get("keys").forEach(this::assertKey);
      assertTrue(page.get("totalCount").isInt());
      JsonNode changed =
          sent("PATCH", KEYS + "/" + made.get("id").asText(), body("{'isDisabled': true}")).ok();
      assertKey(changed.get("key"));
      JsonNode deleted = sent("DELETE", KEYS + "/" + made.get("id").asText(), "{}").ok();
      assertEquals(changed, deleted);
    }

    @Test
    void anErrorHasAMessage() throws Exception {
      Answer answer = get(KEYS + "/" + UNKNOWN);

      assertEquals(404, answer.status());
      assertTrue(answer.body().get("message").isTextual());
    }
  }

  @Nested
  class OfGo {
    @Test
    void theKeyIdComesAgainInTheBody() throws Exception {
      String keyId = newKey();
      String text = ApiClient.base64(TEXT);

      String ciphertext =
          StrictReader.read(
                  sent(
                      "POST",
                      path(keyId, "encrypt"),
                      body("{'KeyId':'%s','plaintext':'%s'}", keyId, text)),
                  Sealed.class)
              .ciphertext();

      assertEquals(
          new Opened(text),
          StrictReader.read(
              sent(
                  "POST",
                  path(keyId, "decrypt"),
                  body("{'KeyId':'%s','ciphertext':'%s'}", keyId, ciphertext)),
              Opened.class));
      // The SDK for Node spells it otherwise.
      String node = body("{'keyId':'%s','plaintext':'%s'}", keyId, text);
      StrictReader.read(sent("POST", path(keyId, "encrypt"), node), Sealed.class);
    }

    @Test
    void soItDoesWhenItSignsAndDeletes() throws Exception {
      String pairId = newPair();
      String order =
          body(
              "{'KeyId':'%s','data':'%s','signingAlgorithm':'ECDSA_SHA_512','isDigest':false",
              pairId, ApiClient.base64(TEXT));

      Signed signed =
          StrictReader.read(sent("POST", path(pairId, "sign"), order + "}"), Signed.class);

      String question = order + body(",'signature':'%s'}", signed.signature());
      assertTrue(
          StrictReader.read(sent("POST", path(pairId, "verify"), question), Verified.class)
              .signatureValid());
      Answer deleted = sent("DELETE", KEYS + "/" + pairId, body("{'KeyId':'%s'}", pairId));
      assertEquals(pairId, StrictReader.read(deleted, RustKeyAnswer.class).key().id());
    }

    @Test
    void itLogsInForAnOrganisationThatItDoesNotName() throws Exception {
      Answer answer =
          ApiClient.anonymous(server.url())
              .post(
                  ApiClient.LOGIN,
                  credentials("{'clientId':'%s','clientSecret':'%s','organizationSlug':''}"));

      Grant grant = StrictReader.read(answer, Grant.class);
      assertEquals("Bearer", grant.tokenType());
      assertTrue(grant.expiresIn() > 0 && grant.accessTokenMaxTTL() >= grant.expiresIn());
    }

    @Test
    void datesAreReadAsRfc3339() throws Exception {
      JsonNode key = bodiless("GET", KEYS + "/" + newKey()).ok().get("key");

      Instant made = Instant.parse(key.get("createdAt").asText());

      assertTrue(!Instant.parse(key.get("updatedAt").asText()).isBefore(made));
      assertEquals("aes-256-gcm", key.get("algorithm").asText());
    }

    /** What it does not take for JSON, it does not read. */
    @Test
    void anErrorIsJsonLikeEverythingElse() throws Exception {
      for (Answer answer :
          List.of(
              bodiless("GET", KEYS + "/" + UNKNOWN),
              bodiless("GET", "/api/nowhere"),
              sent("POST", KEYS, "{"),
              ApiClient.anonymous(server.url()).post(KEYS, "{}"))) {
        StrictReader.assertJson(answer);
        assertTrue(answer.body().get("message").isTextual());
      }
    }
  }

  @Nested
  class OfTerraform {
    @Test
    void aKeyIsMadeReadChangedAndDeletedWithoutABody() throws Exception {
      String order =
          body(
              "{'projectId':'%s','name':'%s','description':'by code','keyUsage':'sign-verify',"
                  + "'encryptionAlgorithm':'ECC_NIST_P256'}",
              PROJECT, newName());
      RustKey made = StrictReader.read(sent("POST", KEYS, order), RustKeyAnswer.class).key();
      String path = KEYS + "/" + made.id();

      StrictReader.read(bodiless("GET", path), RustKeyAnswer.class);
      String change =
          body(
              "{'keyId':'%s','name':'%s','isDisabled':true,'description':''}",
              made.id(), made.name());
      RustKey changed = StrictReader.read(sent("PATCH", path, change), RustKeyAnswer.class).key();
      RustKey deleted = StrictReader.read(bodiless("DELETE", path), RustKeyAnswer.class).key();

      assertTrue(changed.isDisabled());
      assertEquals("", changed.description());
      assertEquals(changed, deleted);
      // So it learns that what it manages is gone.
      assertEquals(404, bodiless("GET", path).status());
    }
  }

  @Nested
  class OfTheCommandLine {
    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//"})
    void itLogsInWithASlashAtTheEnd(String end) throws Exception {
      Answer answer =
          ApiClient.anonymous(server.url())
              .post(ApiClient.LOGIN + end, credentials("{'clientId':'%s','clientSecret':'%s'}"));

      Grant grant = StrictReader.read(answer, Grant.class);
      ApiClient cli = ApiClient.anonymous(server.url()).withToken(grant.accessToken());
      assertEquals(200, cli.get(KEYS + "/?projectId=" + PROJECT).status());
    }
  }
}
