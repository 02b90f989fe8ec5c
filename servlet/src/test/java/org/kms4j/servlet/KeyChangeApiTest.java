package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Role;

/** Keys changed, rotated, disabled and deleted, over a real socket. */
class KeyChangeApiTest extends ApiFixture {
  @Nested
  class Change {
    @Test
    void changesWhatIsNamedAndNothingElse() throws Exception {
      String keyId = newKey();
      String name = newName();

      admin.patch(KEYS + "/" + keyId, body("{'name':'%s'}", name)).ok();
      admin.patch(KEYS + "/" + keyId, body("{'description':'other'}")).ok();
      JsonNode key = admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok().get("key");

      assertEquals(name, key.get("name").asText());
      assertEquals("other", key.get("description").asText());
      assertTrue(key.get("isDisabled").asBoolean());
      assertEquals(key, admin.get(KEYS + "/" + keyId).ok().get("key"));
    }

    @Test
    void anEmptyChangeLeavesTheKeyAsItIs() throws Exception {
      String keyId = newKey();
      JsonNode before = admin.get(KEYS + "/" + keyId).ok();

      assertEquals(before, admin.patch(KEYS + "/" + keyId, "{}").ok());
    }

    @Test
    void aNameThatIsTakenIsRefused() throws Exception {
      String name = newName();
      admin.createKey(name, "aes-256-gcm");

      admin
          .patch(KEYS + "/" + newKey(), body("{'name':'%s'}", name))
          .is(
              400,
              "BadRequest",
              body(
                  "A KMS key with the name '%s' already exists for the project with ID '%s'",
                  name, PROJECT));
    }

    @Test
    void wrongTypesAreInvalid() throws Exception {
      assertIssues(
          admin.patch(
              KEYS + "/" + newKey(), body("{'name':null,'isDisabled':1,'description':null}")),
          "Invalid input: expected string, received null",
          "Invalid input: expected boolean, received number",
          "Invalid input: expected string, received null");
    }

    @Test
    void ofAnUnknownKeyHasItsIdWithoutQuotes() throws Exception {
      String message = "Key with ID " + UNKNOWN + " not found";

      admin.patch(KEYS + "/" + UNKNOWN, "{}").is(404, "NotFound", message);
      admin.delete(KEYS + "/" + UNKNOWN).is(404, "NotFound", message);
    }
  }

  @Nested
  class Delete {
    @Test
    void answersTheKeyAndIsFinal() throws Exception {
      String keyId = newKey();
      JsonNode key = admin.get(KEYS + "/" + keyId).ok();

      assertEquals(key, admin.delete(KEYS + "/" + keyId).ok());
      admin.encrypt(keyId, TEXT).is(404, "NotFound", body("Key with ID '%s' not found", keyId));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "{\"KeyId\":\"x\"}", "no json"})
    void takesAnyBody(String text) throws Exception {
      admin
          .send("DELETE", KEYS + "/" + newKey(), "application/json", BodyPublishers.ofString(text))
          .ok();
    }

    @Test
    void worksOnADisabledKey() throws Exception {
      String keyId = newKey();
      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok();

      admin.delete(KEYS + "/" + keyId).ok();
    }
  }

  @Nested
  class Rotate {
    @Test
    void makesTheNextVersionAndOldMessagesOpen() throws Exception {
      String keyId = newKey();
      String old = admin.seal(keyId, TEXT);

      Answer answer =
          admin.send(admin.request(KEYS + "/" + keyId + "/rotate").POST(BodyPublishers.noBody()));

      assertEquals(2, answer.ok().at("/key/version").asInt());
      String sealed = admin.seal(keyId, TEXT);
      assertEquals("v01", suffix(old));
      assertEquals("v02", suffix(sealed));
      assertArrayEquals(TEXT, admin.open(keyId, old));
      assertArrayEquals(TEXT, admin.open(keyId, sealed));
    }

    private static String suffix(String base64) {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return new String(bytes, bytes.length - 3, 3, StandardCharsets.US_ASCII);
    }

    @Test
    void ofAKeyForMacsIsRefused() throws Exception {
      String keyId =
          server
              .server()
              .keyring()
              .create(NewKeySpec.of(newName(), KeyAlgorithm.HMAC_SHA_256))
              .id()
              .toString();

      admin
          .post(KEYS + "/" + keyId + "/rotate", "{}")
          .is(
              400,
              "BadRequest",
              "Only encrypt-decrypt keys support rotation. To rotate a sign-verify or MAC key,"
                  + " create a new key and update your applications to use it.");
      admin
          .encrypt(keyId, TEXT)
          .is(
              400,
              "BadRequest",
              "Unsupported key type, expected encrypt-decrypt but got generate-verify-mac");
    }
  }

  @Nested
  class Disabled {
    @Test
    void aKeySealsOpensAndRotatesNothing() throws Exception {
      String keyId = newKey();
      String sealed = admin.seal(keyId, TEXT);
      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok();

      admin.encrypt(keyId, TEXT).is(400, "BadRequest", "Key is disabled");
      admin.decrypt(keyId, sealed).is(400, "BadRequest", "Key is disabled");
      admin.post(KEYS + "/" + keyId + "/rotate", "{}").is(400, "BadRequest", "Key is disabled");
      admin.get(KEYS + "/" + keyId).ok();

      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':false}")).ok();
      assertArrayEquals(TEXT, admin.open(keyId, sealed));
    }

    @Test
    void aStrangerLearnsNothingOfIt() throws Exception {
      String keyId = newKey();
      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok();

      robot(Optional.of(Role.VIEWER))
          .encrypt(keyId, TEXT)
          .is(403, "PermissionDenied", "You are not allowed to encrypt on cmek");
    }
  }
}
