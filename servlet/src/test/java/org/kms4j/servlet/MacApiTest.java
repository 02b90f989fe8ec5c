package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Role;

/** MACs over a real socket, against those of the JDK. */
class MacApiTest extends ApiFixture {
  private static Answer generate(ApiClient client, String key, byte[] data) throws Exception {
    return client.post(
        KEYS + "/" + key + "/generate-mac", body("{'data':'%s'}", ApiClient.base64(data)));
  }

  private static Answer check(ApiClient client, String key, byte[] data, byte[] mac)
      throws Exception {
    return client.post(
        KEYS + "/" + key + "/verify-mac",
        body("{'data':'%s','mac':'%s'}", ApiClient.base64(data), ApiClient.base64(mac)));
  }

  private static boolean verify(String key, byte[] data, byte[] mac) throws Exception {
    JsonNode answer = check(admin, key, data, mac).ok();
    assertEquals(List.of("macValid", "keyId", "macAlgorithm"), names(answer));
    return answer.get("macValid").asBoolean();
  }

  private static String newMacKey(String algorithm) throws Exception {
    return admin
        .post(
            KEYS,
            body(
                "{'projectId':'%s','name':'%s','keyUsage':'generate-verify-mac','algorithm':'%s'}",
                PROJECT, newName(), algorithm))
        .ok()
        .at("/key/id")
        .asText();
  }

  @ParameterizedTest
  @EnumSource(names = "HMAC_.*", mode = EnumSource.Mode.MATCH_ANY)
  void macIsThatOfTheJdkUnderTheSameKey(KeyAlgorithm algorithm) throws Exception {
    byte[] material = new byte[algorithm.materialBytes()];
    new Random(1).nextBytes(material);
    UUID key = UUID.randomUUID();
    server
        .server()
        .keyring()
        .importKey(key, new NewKeySpec(PROJECT, newName(), "", algorithm, false), material);
    Mac jdk = Mac.getInstance(algorithm.standardName());
    jdk.init(new SecretKeySpec(material, algorithm.standardName()));

    JsonNode answer = generate(admin, key.toString(), TEXT).ok();

    assertArrayEquals(jdk.doFinal(TEXT), Base64.getDecoder().decode(answer.get("mac").asText()));
    assertEquals(algorithm.text(), answer.get("macAlgorithm").asText());
    assertEquals(key.toString(), answer.get("keyId").asText());
  }

  @ParameterizedTest
  @EnumSource(names = "HMAC_.*", mode = EnumSource.Mode.MATCH_ANY)
  void aWrongMacIsAResult(KeyAlgorithm algorithm) throws Exception {
    String key = newMacKey(algorithm.text());
    byte[] mac = Base64.getDecoder().decode(generate(admin, key, TEXT).ok().get("mac").asText());

    assertTrue(verify(key, TEXT, mac));
    assertFalse(verify(key, new byte[] {1}, mac));
    assertFalse(verify(key, TEXT, Arrays.copyOf(mac, mac.length - 1)));
    assertFalse(verify(key, TEXT, Arrays.copyOf(mac, mac.length + 1)));
    mac[0] ^= 1;
    assertFalse(verify(key, TEXT, mac));
  }

  @Test
  void keysOfAnotherUsageAreRefused() throws Exception {
    String message = "Unsupported key type, expected generate-verify-mac but got encrypt-decrypt";

    generate(admin, newKey(), TEXT).is(400, "BadRequest", message);
    check(admin, newKey(), TEXT, TEXT).is(400, "BadRequest", message);
    admin
        .encrypt(newMacKey("HMAC_SHA_256"), TEXT)
        .is(
            400,
            "BadRequest",
            "Unsupported key type, expected encrypt-decrypt but got generate-verify-mac");
  }

  @Test
  void aDisabledKeyMakesNone() throws Exception {
    String key = newMacKey("HMAC_SHA_256");
    admin.patch(KEYS + "/" + key, "{\"isDisabled\":true}").ok();

    generate(admin, key, TEXT).is(400, "BadRequest", "Key is disabled");
    check(admin, key, TEXT, TEXT).is(400, "BadRequest", "Key is disabled");
  }

  @Test
  void rolesDecideWhoMakesThem() throws Exception {
    String key = newMacKey("HMAC_SHA_256");

    ApiClient operator = robot(Optional.of(Role.CRYPTOGRAPHIC_OPERATOR));
    ApiClient viewer = robot(Optional.of(Role.VIEWER));

    generate(operator, key, TEXT).ok();
    check(operator, key, TEXT, TEXT).ok();
    generate(viewer, key, TEXT)
        .is(403, "PermissionDenied", "You are not allowed to generate-mac on cmek");
    check(viewer, key, TEXT, TEXT)
        .is(403, "PermissionDenied", "You are not allowed to verify-mac on cmek");
  }

  @Test
  void limitsAreThoseOfTheContract() throws Exception {
    String key = newMacKey("HMAC_SHA_256");

    assertIssues(generate(admin, key, new byte[(1 << 20) + 1]), "data cannot exceed 1048576 bytes");
    assertIssues(check(admin, key, TEXT, new byte[1_025]), "mac cannot exceed 1024 bytes");
    assertIssues(
        admin.post(
            KEYS + "/" + key + "/verify-mac",
            body("{'data':'YQ==','mac':'%s'}", "!".repeat(1_368))),
        "mac must be base64 encoded",
        "mac cannot exceed 1024 bytes");
    assertIssues(
        admin.post(KEYS + "/" + key + "/verify-mac", body("{'data':''}")),
        "data must be base64 encoded",
        "Invalid input: expected string, received undefined");
  }
}
