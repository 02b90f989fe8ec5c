package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Role;

/** Key pairs made here, and what they sign, over a real socket. */
class SigningApiTest extends ApiFixture {
  private static final Map<String, List<String>> ALGORITHMS =
      Map.of(
          "RSA_4096",
          List.of(
              "RSASSA_PSS_SHA_512",
              "RSASSA_PSS_SHA_384",
              "RSASSA_PSS_SHA_256",
              "RSASSA_PKCS1_V1_5_SHA_512",
              "RSASSA_PKCS1_V1_5_SHA_384",
              "RSASSA_PKCS1_V1_5_SHA_256"),
          "ECC_NIST_P256",
          List.of("ECDSA_SHA_512", "ECDSA_SHA_384", "ECDSA_SHA_256"),
          "ECC_NIST_P384",
          List.of("ECDSA_SHA_512", "ECDSA_SHA_384", "ECDSA_SHA_256"),
          "ECC_NIST_P521",
          List.of("ECDSA_SHA_512", "ECDSA_SHA_384", "ECDSA_SHA_256"),
          "ML_DSA_44",
          List.of("ML_DSA_44"),
          "ML_DSA_65",
          List.of("ML_DSA_65"),
          "ML_DSA_87",
          List.of("ML_DSA_87"));

  private static final Map<String, String> MADE = new ConcurrentHashMap<>();

  /** One of each algorithm is enough for all tests. */
  private static String pair(String algorithm) throws Exception {
    String known = MADE.get(algorithm);
    if (known == null) {
      known = newPair(algorithm);
      MADE.put(algorithm, known);
    }
    return known;
  }

  private static String newPair(String algorithm) throws Exception {
    String body =
        body(
            "{'projectId':'%s','name':'%s','keyUsage':'sign-verify','algorithm':'%s'}",
            PROJECT, newName(), algorithm);
    return admin.post(KEYS, body).ok().at("/key/id").asText();
  }

  static Stream<Arguments> cases() {
    return ALGORITHMS.entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(a -> Arguments.of(entry.getKey(), a)));
  }

  private static Answer sign(
      ApiClient client, String key, String algorithm, byte[] data, boolean digest)
      throws Exception {
    return client.post(KEYS + "/" + key + "/sign", order(algorithm, data, digest).toString());
  }

  private static boolean verify(
      String key, String algorithm, byte[] data, boolean digest, byte[] signature)
      throws Exception {
    ObjectNode order = order(algorithm, data, digest).put("signature", ApiClient.base64(signature));
    JsonNode answer = admin.post(KEYS + "/" + key + "/verify", order.toString()).ok();
    assertEquals(key, answer.get("keyId").asText());
    assertEquals(algorithm, answer.get("signingAlgorithm").asText());
    return answer.get("signatureValid").asBoolean();
  }

  private static ObjectNode order(String algorithm, byte[] data, boolean digest) {
    ObjectNode order =
        ApiClient.JSON
            .createObjectNode()
            .put("signingAlgorithm", algorithm)
            .put("data", ApiClient.base64(data));
    return digest ? order.put("isDigest", true) : order;
  }

  private static byte[] signature(Answer answer) {
    return Base64.getDecoder().decode(answer.ok().get("signature").asText());
  }

  private static PublicKey publicKey(String key, String algorithm) throws Exception {
    byte[] spki =
        Base64.getDecoder()
            .decode(admin.get(KEYS + "/" + key + "/public-key").ok().get("publicKey").asText());
    String kind =
        algorithm.startsWith("RSA") ? "RSA" : algorithm.startsWith("ECC") ? "EC" : "ML-DSA";
    return kind.equals("ML-DSA")
        ? KeyFactory.getInstance(kind, new BouncyCastleProvider())
            .generatePublic(new X509EncodedKeySpec(spki))
        : KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(spki));
  }

  /** A verifier that nobody here wrote. */
  private static Signature foreign(String algorithm) throws Exception {
    if (algorithm.startsWith("ML_DSA")) {
      return Signature.getInstance("ML-DSA", new BouncyCastleProvider());
    }
    String bits = algorithm.substring(algorithm.length() - 3);
    if (algorithm.startsWith("ECDSA")) {
      return Signature.getInstance("SHA" + bits + "withECDSA");
    }
    if (algorithm.startsWith("RSASSA_PKCS1")) {
      return Signature.getInstance("SHA" + bits + "withRSA");
    }
    Signature pss = Signature.getInstance("RSASSA-PSS");
    String digest = "SHA-" + bits;
    pss.setParameter(
        new PSSParameterSpec(
            digest, "MGF1", new MGF1ParameterSpec(digest), Integer.parseInt(bits) / 8, 1));
    return pss;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsSignedHereVerifiesHereAndElsewhere(String keyAlgorithm, String algorithm)
      throws Exception {
    String key = pair(keyAlgorithm);

    byte[] signature = signature(sign(admin, key, algorithm, TEXT, false));

    Signature verifier = foreign(algorithm);
    verifier.initVerify(publicKey(key, keyAlgorithm));
    verifier.update(TEXT);
    assertTrue(verifier.verify(signature));
    assertTrue(verify(key, algorithm, TEXT, false, signature));
    signature[signature.length / 2] ^= 1;
    assertFalse(verify(key, algorithm, TEXT, false, signature));
    assertFalse(verify(key, algorithm, TEXT, false, new byte[] {1}));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aDigestIsSignedLikeTheDataWhereThatIsPossible(String keyAlgorithm, String algorithm)
      throws Exception {
    String key = pair(keyAlgorithm);
    boolean possible = algorithm.startsWith("ECDSA") || algorithm.startsWith("RSASSA_PKCS1");
    if (!possible) {
      String kind = algorithm.startsWith("RSA") ? "RSA PSS" : "ML-DSA";
      sign(admin, key, algorithm, new byte[32], true)
          .is(400, "BadRequest", kind + " does not support digested input");
      return;
    }
    String bits = algorithm.substring(algorithm.length() - 3);
    byte[] digest = MessageDigest.getInstance("SHA-" + bits).digest(TEXT);

    byte[] signature = signature(sign(admin, key, algorithm, digest, true));

    assertTrue(verify(key, algorithm, digest, true, signature));
    assertTrue(verify(key, algorithm, TEXT, false, signature));
    Signature verifier = foreign(algorithm);
    verifier.initVerify(publicKey(key, keyAlgorithm));
    verifier.update(TEXT);
    assertTrue(verifier.verify(signature));
    sign(admin, key, algorithm, new byte[digest.length - 1], true)
        .is(
            400,
            "BadRequest",
            ("Failed to sign %s digest with %s due to signing error."
                    + " Ensure that your digest is hashed with SHA%s.")
                .formatted(algorithm.startsWith("RSA") ? "RSA" : "ECC", algorithm, bits));
    assertFalse(verify(key, algorithm, new byte[digest.length - 1], true, signature));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aKeyListsWhatItSignsWith(String keyAlgorithm, String algorithm) throws Exception {
    JsonNode answer = admin.get(KEYS + "/" + pair(keyAlgorithm) + "/signing-algorithms").ok();

    List<String> listed =
        Stream.iterate(0, i -> i + 1)
            .limit(answer.get("signingAlgorithms").size())
            .map(i -> answer.get("signingAlgorithms").get(i).asText())
            .toList();
    assertEquals(ALGORITHMS.get(keyAlgorithm), listed);
    assertTrue(listed.contains(algorithm));
  }

  @Test
  void anAlgorithmOfAnotherKindOfKeyIsRefused() throws Exception {
    sign(admin, pair("RSA_4096"), "ECDSA_SHA_256", TEXT, false)
        .is(400, "BadRequest", "KMS RSA_4096 key cannot be used with ECDSA_SHA_256");
    sign(admin, pair("ML_DSA_44"), "ML_DSA_65", TEXT, false)
        .is(400, "BadRequest", "KMS ML_DSA_44 key cannot be used with ML_DSA_65");
  }

  @Test
  void keysOfAnotherUsageAreRefused() throws Exception {
    String aes = newKey();
    String pair = pair("ECC_NIST_P256");

    sign(admin, aes, "ECDSA_SHA_256", TEXT, false)
        .is(
            400,
            "BadRequest",
            "Unsupported key type, expected sign-verify but got encrypt-decrypt");
    admin
        .get(KEYS + "/" + aes + "/public-key")
        .is(
            400,
            "BadRequest",
            "Unsupported key type, expected sign-verify but got encrypt-decrypt");
    admin
        .get(KEYS + "/" + aes + "/signing-algorithms")
        .is(400, "BadRequest", "Key with ID '" + aes + "' is not intended for signing");
    admin
        .encrypt(pair, TEXT)
        .is(
            400,
            "BadRequest",
            "Unsupported key type, expected encrypt-decrypt but got sign-verify");
    admin
        .post(KEYS + "/" + pair + "/rotate", "{}")
        .is(
            400,
            "BadRequest",
            "Only encrypt-decrypt keys support rotation. To rotate a sign-verify or MAC key, create"
                + " a new key and update your applications to use it.");
  }

  @Test
  void aDisabledPairDoesNothing() throws Exception {
    String key = newPair("ECC_NIST_P256");
    byte[] signature = signature(sign(admin, key, "ECDSA_SHA_256", TEXT, false));
    admin.patch(KEYS + "/" + key, "{\"isDisabled\":true}").ok();

    ObjectNode toVerify =
        order("ECDSA_SHA_256", TEXT, false).put("signature", ApiClient.base64(signature));
    for (Answer answer :
        List.of(
            sign(admin, key, "ECDSA_SHA_256", TEXT, false),
            admin.post(KEYS + "/" + key + "/verify", toVerify.toString()),
            admin.get(KEYS + "/" + key + "/public-key"),
            admin.get(KEYS + "/" + key + "/signing-algorithms"))) {
      answer.is(400, "BadRequest", "Key is disabled");
    }
  }

  @Test
  void rolesDecideWhoSigns() throws Exception {
    String key = pair("ECC_NIST_P256");
    ApiClient viewer = robot(Optional.of(Role.VIEWER));
    ApiClient operator = robot(Optional.of(Role.CRYPTOGRAPHIC_OPERATOR));

    viewer.get(KEYS + "/" + key + "/public-key").ok();
    sign(viewer, key, "ECDSA_SHA_256", TEXT, false)
        .is(403, "PermissionDenied", "You are not allowed to sign on cmek");
    byte[] signature = signature(sign(operator, key, "ECDSA_SHA_256", TEXT, false));
    String toVerify =
        order("ECDSA_SHA_256", TEXT, false)
            .put("signature", ApiClient.base64(signature))
            .toString();
    operator.post(KEYS + "/" + key + "/verify", toVerify).ok();
    viewer
        .post(KEYS + "/" + key + "/verify", toVerify)
        .is(403, "PermissionDenied", "You are not allowed to verify on cmek");
    operator
        .get(KEYS + "/" + key + "/signing-algorithms")
        .is(403, "PermissionDenied", "You are not allowed to read on cmek");
    operator
        .get(KEYS + "/" + key + "/public-key")
        .is(403, "PermissionDenied", "You are not allowed to read on cmek");
  }

  @Test
  void allThatIsWrongWithABodyIsToldTogether() throws Exception {
    String path = KEYS + "/" + pair("ECC_NIST_P256") + "/verify";

    assertIssues(
        admin.post(path, body("{'signingAlgorithm':'MD5','isDigest':1,'data':'?'}")),
        "Invalid option: expected one of "
            + String.join(
                "|",
                Stream.of(
                        ALGORITHMS.get("RSA_4096"),
                        ALGORITHMS.get("ECC_NIST_P256"),
                        List.of("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"))
                    .flatMap(List::stream)
                    .map(name -> '"' + name + '"')
                    .toList()),
        "Invalid input: expected boolean, received number",
        "data must be base64 encoded",
        "Invalid input: expected string, received undefined");
    assertIssues(
        admin.post(
            path,
            order("ECDSA_SHA_256", TEXT, false)
                .put("signature", ApiClient.base64(new byte[8_193]))
                .toString()),
        "signature cannot exceed 8192 bytes");
    assertIssues(
        sign(admin, pair("ECC_NIST_P256"), "ECDSA_SHA_256", new byte[(1 << 20) + 1], false),
        "data cannot exceed 1048576 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA_4096", "HMAC_SHA_256", "aes-128-gcm"})
  void anAlgorithmThatDoesNotFitTheUsageIsToldWithThoseThatDo(String algorithm) throws Exception {
    String usage = algorithm.startsWith("RSA") ? "generate-verify-mac" : "sign-verify";
    String valid =
        usage.equals("sign-verify")
            ? "asymmetric sign-verify algorithm. Valid options are: RSA_4096, ECC_NIST_P256,"
                + " ECC_NIST_P384, ECC_NIST_P521, ML_DSA_44, ML_DSA_65, ML_DSA_87"
            : "HMAC algorithm. Valid options are: HMAC_SHA_1, HMAC_SHA_224, HMAC_SHA_256,"
                + " HMAC_SHA_384, HMAC_SHA_512";

    assertIssues(
        admin.post(
            KEYS,
            body(
                "{'projectId':'%s','name':'%s','keyUsage':'%s','algorithm':'%s'}",
                PROJECT, newName(), usage, algorithm)),
        "algorithm must be a valid " + valid);
  }
}
