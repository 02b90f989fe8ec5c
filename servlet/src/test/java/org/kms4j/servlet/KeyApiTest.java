package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.servlet.ApiClient.Answer;

/** Keys made, shown, listed and changed, over a real socket. */
@SuppressWarnings("StringConcatToTextBlock") // what ends in CR and LF is clearer in pieces
class KeyApiTest extends ApiFixture {
  @Nested
  class Create {
    @Test
    void answersExactlyThirteenMembersInOrder() throws Exception {
      String name = newName();
      Answer answer =
          admin.post(
              KEYS, body("{'projectId':'%s','name':' %s ','description':' d '}", PROJECT, name));

      JsonNode key = answer.ok().get("key");
      assertEquals(
          List.of(
              "id",
              "description",
              "isDisabled",
              "orgId",
              "name",
              "createdAt",
              "updatedAt",
              "projectId",
              "keyUsage",
              "isExportable",
              "version",
              "encryptionAlgorithm",
              "algorithm"),
          names(key));
      assertEquals(name, key.get("name").asText());
      assertEquals("d", key.get("description").asText());
      assertEquals("encrypt-decrypt", key.get("keyUsage").asText());
      assertEquals("aes-256-gcm", key.get("algorithm").asText());
      assertEquals("aes-256-gcm", key.get("encryptionAlgorithm").asText());
      assertTrue(key.get("isExportable").asBoolean());
      assertFalse(key.get("isDisabled").asBoolean());
      assertTrue(key.get("version").isInt());
      assertTrue(
          key.get("createdAt")
              .asText()
              .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));
      JsonNode bootstrap = ApiClient.JSON.readTree(home.resolve("bootstrap.json").toFile());
      assertEquals(bootstrap.get("organizationId"), key.get("orgId"));
      assertEquals(bootstrap.get("projectId"), key.get("projectId"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes-256-gcm", "aes-128-gcm", "xaes-256-gcm"})
    void makesEachAlgorithmUnderBothNames(String algorithm) throws Exception {
      for (String member : List.of("algorithm", "encryptionAlgorithm")) {
        Answer answer =
            admin.post(
                KEYS,
                body(
                    "{'projectId':'%s','name':'%s','%s':'%s','isExportable':false}",
                    PROJECT, newName(), member, algorithm));

        assertEquals(algorithm, answer.ok().at("/key/algorithm").asText());
        assertFalse(answer.body().at("/key/isExportable").asBoolean());
        assertEquals("", answer.body().at("/key/description").asText());
      }
    }

    @Test
    void tellsOfAKeyThatIsNotStrictAndOfNoOther() throws Exception {
      String order = "{'projectId':'%s','name':'%s','isStrict':%s}";
      JsonNode strict = admin.post(KEYS, body(order, PROJECT, newName(), true)).ok().get("key");
      JsonNode loose = admin.post(KEYS, body(order, PROJECT, newName(), false)).ok().get("key");

      assertEquals(13, strict.size());
      assertEquals(14, loose.size());
      assertFalse(loose.get("isStrict").asBoolean(true));
      assertEquals(loose, admin.get(KEYS + "/" + loose.get("id").asText()).ok().get("key"));
      assertIssues(
          admin.post(KEYS, body(order, PROJECT, newName(), "'no'")),
          "Invalid input: expected boolean, received string");
    }

    @Test
    void theNewerNameOfTheAlgorithmWins() throws Exception {
      Answer answer =
          admin.post(
              KEYS,
              body(
                  "{'projectId':'%s','name':'%s','encryptionAlgorithm':'aes-256-gcm',"
                      + "'algorithm':'aes-128-gcm'}",
                  PROJECT, newName()));

      assertEquals("aes-128-gcm", answer.ok().at("/key/algorithm").asText());
    }

    @Test
    void aNameThatIsTakenIsRefused() throws Exception {
      String name = newName();
      admin.createKey(name, "aes-256-gcm");

      admin
          .post(KEYS, body("{'projectId':'%s','name':'%s'}", PROJECT, name))
          .is(
              400,
              "BadRequest",
              body(
                  "A KMS key with the name '%s' already exists for the project with ID '%s'",
                  name, PROJECT));
    }

    @Test
    void allThatIsWrongIsToldTogether() throws Exception {
      assertIssues(
          admin.post(
              KEYS,
              body(
                  "{'name':'No Good!','description':5,'keyUsage':'x','algorithm':'y',"
                      + "'isExportable':'z'}")),
          "Invalid input: expected string, received undefined",
          "Name field can only contain letters, numbers, and hyphens",
          "Invalid input: expected string, received number",
          body(
              "Invalid option: expected one of 'encrypt-decrypt'|'sign-verify'|'generate-verify-mac'"),
          body(
              "Invalid option: expected one of 'aes-256-gcm'|'aes-128-gcm'|'xaes-256-gcm'|"
                  + "'RSA_4096'|'ECC_NIST_P256'|'ECC_NIST_P384'|'ECC_NIST_P521'|"
                  + "'ML_DSA_44'|'ML_DSA_65'|'ML_DSA_87'|'HMAC_SHA_1'|"
                  + "'HMAC_SHA_224'|'HMAC_SHA_256'|'HMAC_SHA_384'|'HMAC_SHA_512'"),
          "Invalid input: expected boolean, received string");
    }

    @ParameterizedTest
    @CsvSource({
      "encrypt-decrypt,RSA_4096,'symmetric encryption',"
          + "'aes-256-gcm, aes-128-gcm, xaes-256-gcm'",
      "generate-verify-mac,RSA_4096,HMAC,"
          + "'HMAC_SHA_1, HMAC_SHA_224, HMAC_SHA_256, HMAC_SHA_384, HMAC_SHA_512'",
      "sign-verify,HMAC_SHA_256,'asymmetric sign-verify',"
          + "'RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ML_DSA_44, ML_DSA_65, ML_DSA_87'",
      "sign-verify,aes-256-gcm,'asymmetric sign-verify',"
          + "'RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ML_DSA_44, ML_DSA_65, ML_DSA_87'"
    })
    void usageAndAlgorithmMustFit(String usage, String algorithm, String kind, String options)
        throws Exception {
      Answer answer =
          admin.post(
              KEYS,
              body(
                  "{'projectId':'%s','name':'%s','keyUsage':'%s','algorithm':'%s'}",
                  PROJECT, newName(), usage, algorithm));

      assertIssues(
          answer,
          "algorithm must be a valid " + kind + " algorithm. Valid options are: " + options);
      assertEquals("[]", answer.body().at("/message/0/path").toString());
    }

    @Test
    void inAProjectThatIsNotThereIsRefused() throws Exception {
      admin
          .post(KEYS, body("{'projectId':'nowhere','name':'x'}"))
          .is(404, "NotFound", "Project with nowhere not found");
      admin
          .post(KEYS, body("{'projectId':'kms4j','name':'x'}"))
          .is(404, "NotFound", "Project with kms4j not found");
    }

    @Test
    void unknownMembersAreDropped() throws Exception {
      admin
          .post(KEYS, body("{'projectId':'%s','name':'%s','extra':{'a':[1]}}", PROJECT, newName()))
          .ok();
    }
  }

  @Nested
  class Show {
    @Test
    void findsAKeyByIdAndByName() throws Exception {
      String name = newName();
      String keyId = admin.createKey(name, "xaes-256-gcm");

      Answer byId = admin.get(KEYS + "/" + keyId);
      Answer byName = admin.get(KEYS + "/key-name/" + name + "?projectId=" + PROJECT);

      assertEquals(byId.ok(), byName.ok());
      assertEquals(keyId, byId.body().at("/key/id").asText());
    }

    @Test
    void anIdInUpperCaseIsTheSameId() throws Exception {
      String keyId = newKey();

      assertEquals(
          keyId,
          admin
              .get(KEYS + "/" + keyId.toUpperCase(java.util.Locale.ROOT))
              .ok()
              .at("/key/id")
              .asText());
    }

    @Test
    void anUnknownKeyIsSaidToBeUnknown() throws Exception {
      admin
          .get(KEYS + "/" + UNKNOWN)
          .is(404, "NotFound", body("Key with ID '%s' not found", UNKNOWN));
      admin
          .get(KEYS + "/key-name/nothing?projectId=" + PROJECT)
          .is(
              404,
              "NotFound",
              body("Key with name 'nothing' not found for project with ID '%s'", PROJECT));
    }

    @Test
    void byNameWantsAProject() throws Exception {
      assertIssues(
          admin.get(KEYS + "/key-name/x"), "Invalid input: expected string, received undefined");
      assertIssues(admin.get(KEYS + "/key-name/x?projectId="), "Project ID is required");
    }

    @Test
    void whatIsNoUuidIsInvalid() throws Exception {
      Answer answer = admin.get(KEYS + "/no-uuid");

      assertIssues(answer, "Invalid UUID");
      assertEquals("uuid", answer.body().at("/message/0/format").asText());
      assertEquals("[\"keyId\"]", answer.body().at("/message/0/path").toString());
    }

    @Test
    void theKeyOfTheServerItselfIsNobodysOnAnyRoute() throws Exception {
      String keyId =
          server
              .server()
              .keyring()
              .findByName(SigningKey.PROJECT, "access-tokens")
              .orElseThrow()
              .id()
              .toString();
      String key = KEYS + "/" + keyId;

      for (Answer answer :
          List.of(
              admin.get(key),
              admin.get(KEYS + "/key-name/access-tokens?projectId=kms4j"),
              admin.patch(key, "{}"),
              admin.delete(key),
              admin.post(key + "/rotate", "{}"),
              admin.encrypt(keyId, TEXT),
              admin.decrypt(keyId, "AAAA"))) {
        answer.is(400, "BadRequest", "Key is not customer managed");
      }
    }
  }

  @Nested
  class ListKeys {
    @Test
    void pagesSearchesAndSorts() throws Exception {
      String stem = newName();
      for (String end : List.of("-b", "-a", "-c")) {
        admin.createKey(stem + end, "aes-256-gcm");
      }
      String path = KEYS + "?projectId=" + PROJECT + "&search=%20" + stem + "-%20";

      assertEquals(List.of("-a", "-b", "-c"), ends(stem, admin.get(path)));
      assertEquals(
          List.of("-c", "-b", "-a"),
          ends(stem, admin.get(path + "&orderBy=name&orderDirection=desc")));
      Answer page = admin.get(path + "&offset=1&limit=1");
      assertEquals(List.of("-b"), ends(stem, page));
      assertEquals(3, page.body().get("totalCount").asInt());
      assertEquals(List.of("keys", "totalCount"), names(page.body()));
    }

    private static List<String> ends(String stem, Answer answer) {
      List<String> ends = new ArrayList<>();
      answer
          .ok()
          .get("keys")
          .forEach(key -> ends.add(key.get("name").asText().substring(stem.length())));
      return ends;
    }

    @Test
    void allThatIsWrongIsToldTogether() throws Exception {
      assertIssues(
          admin.get(KEYS + "?offset=-1&limit=101&orderBy=x&orderDirection=up&search=a&search=b"),
          "Invalid input: expected string, received undefined",
          "Too small: expected number to be >=0",
          "Too big: expected number to be <=100",
          body("Invalid input: expected 'name'"),
          body("Invalid option: expected one of 'asc'|'desc'"),
          "Invalid input: expected string, received array");
    }

    @Test
    void aBrokenQueryIsRefused() throws Exception {
      String request =
          "GET %s?projectId=%%zz HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n"
              + "connection: close\r\n\r\n";

      String answer = raw(request.formatted(KEYS, admin.token()));

      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertTrue(answer.contains("Malformed URL encoding in query parameters"), answer);
    }

    @Test
    void aGetMaySayThatItHasJson() throws Exception {
      admin
          .send(
              admin
                  .request(KEYS + "?projectId=" + PROJECT)
                  .header("content-type", "application/json")
                  .GET())
          .ok();
    }
  }
}
