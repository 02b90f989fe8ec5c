package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.util.List;
import java.util.regex.Pattern;
import org.kms4j.servlet.ApiClient.Answer;

/**
 * Reads answers as strictly as the strictest clients do: what it refuses is an outage for whoever
 * uses such a client.
 */
final class StrictReader {
  /** The HTTP library of the clients in Go decodes nothing that has another type. */
  private static final Pattern JSON_TYPE =
      Pattern.compile("application/json; ?charset=utf-8", Pattern.CASE_INSENSITIVE);

  /**
   * Refuses a member that is absent or null, a text that is none, an integer that is none; ignores
   * what it does not know.
   */
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  /** A key as the Rust SDK reads it, the strictest of all. */
  record RustKey(
      String id,
      String description,
      boolean isDisabled,
      String orgId,
      String name,
      String createdAt,
      String updatedAt,
      String projectId,
      String keyUsage,
      int version,
      String encryptionAlgorithm) {}

  record RustKeyAnswer(RustKey key) {}

  record RustKeysAnswer(List<RustKey> keys, int totalCount) {}

  record Grant(String accessToken, long expiresIn, long accessTokenMaxTTL, String tokenType) {}

  record Sealed(String ciphertext) {}

  record Opened(String plaintext) {}

  record Signed(String signature, String keyId, String signingAlgorithm) {}

  record Verified(boolean signatureValid, String keyId, String signingAlgorithm) {}

  record Public(String publicKey) {}

  record Algorithms(List<String> signingAlgorithms) {}

  private StrictReader() {}

  /** The answer, which must be a success. */
  static <T> T read(Answer answer, Class<T> shape) throws JsonProcessingException {
    assertEquals(200, answer.status(), () -> String.valueOf(answer.body()));
    assertJson(answer);
    return readText(answer.raw().body(), shape);
  }

  static <T> T readText(String json, Class<T> shape) throws JsonProcessingException {
    return STRICT.readValue(json, shape);
  }

  static void assertJson(Answer answer) {
    String type = answer.raw().headers().firstValue("content-type").orElseThrow();
    assertTrue(JSON_TYPE.matcher(type).matches(), type);
  }
}
