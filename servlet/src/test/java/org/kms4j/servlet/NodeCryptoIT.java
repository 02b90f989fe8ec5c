package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made here means the same to Node's crypto, and to the JDK, and the other way round. */
class NodeCryptoIT extends ApiFixture {
  /** What a signature of this kind is over, as the API takes it. */
  private static final String DATA = ApiClient.base64(TEXT);

  private static final String OTHER = ApiClient.base64(new byte[] {1});

  private static NodeProject node;

  @TempDir private Path folder;

  /** The work for Node. */
  private final ArrayNode tasks = ApiClient.JSON.createArrayNode();

  @BeforeAll
  static void findNode() throws Exception {
    node = NodeProject.bare();
  }

  private ObjectNode task(String name) {
    return tasks.addObject().put("task", name);
  }

  /** What Node printed, a line for each task so far. */
  private List<String> done() throws Exception {
    Path file = folder.resolve("tasks.json");
    Files.writeString(file, tasks.toString());
    return node.run(Map.of(), "crypto.mjs", file.toString());
  }

  private static String pair(String algorithm) throws Exception {
    return key("sign-verify", algorithm);
  }

  private static String key(String usage, String algorithm) throws Exception {
    String order =
        body(
            "{'projectId':'%s','name':'%s','keyUsage':'%s','algorithm':'%s'}",
            PROJECT, newName(), usage, algorithm);
    return admin.post(KEYS, order).ok().at("/key/id").asText();
  }

  private static JsonNode use(String keyId, String action, ObjectNode body) throws Exception {
    return admin.post(KEYS + "/" + keyId + "/" + action, body.toString()).ok();
  }

  private static ObjectNode order(String signingAlgorithm, String data) {
    return ApiClient.JSON
        .createObjectNode()
        .put("signingAlgorithm", signingAlgorithm)
        .put("data", data);
  }

  private static String publicKey(String keyId) throws Exception {
    return admin.get(KEYS + "/" + keyId + "/public-key").ok().get("publicKey").asText();
  }

  private static String material(String keyId) throws Exception {
    return admin.get(KEYS + "/" + keyId + "/private-key").ok().get("privateKey").asText();
  }

  private static List<String> signingAlgorithms(String keyId) throws Exception {
    List<String> all = new ArrayList<>();
    admin
        .get(KEYS + "/" + keyId + "/signing-algorithms")
        .ok()
        .get("signingAlgorithms")
        .forEach(one -> all.add(one.asText()));
    return all;
  }

  private static String digest(String signingAlgorithm) throws Exception {
    return ApiClient.base64(
        MessageDigest.getInstance("SHA-" + bits(signingAlgorithm)).digest(TEXT));
  }

  private static String bits(String signingAlgorithm) {
    return signingAlgorithm.substring(signingAlgorithm.length() - 3);
  }

  /** Signatures of the text by all that the key can do: of itself, and of its digest. */
  private static List<ObjectNode> signatures(String keyId) throws Exception {
    String publicKey = publicKey(keyId);
    List<ObjectNode> signed = new ArrayList<>();
    for (String algorithm : signingAlgorithms(keyId)) {
      List<ObjectNode> orders = new ArrayList<>(List.of(order(algorithm, DATA)));
      if (!algorithm.contains("PSS") && !algorithm.startsWith("ML_DSA")) {
        orders.add(order(algorithm, digest(algorithm)).put("isDigest", true));
      }
      for (ObjectNode order : orders) {
        signed.add(
            order(algorithm, DATA)
                .put("publicKey", publicKey)
                .put("signature", use(keyId, "sign", order).get("signature").asText()));
      }
    }
    return signed;
  }

  private static boolean verifiedByTheJdk(String keyAlgorithm, JsonNode signed) throws Exception {
    byte[] spki = Base64.getDecoder().decode(signed.get("publicKey").asText());
    PublicKey key =
        KeyFactory.getInstance(keyAlgorithm).generatePublic(new X509EncodedKeySpec(spki));
    Signature signature = verifier(signed.get("signingAlgorithm").asText());
    signature.initVerify(key);
    signature.update(Base64.getDecoder().decode(signed.get("data").asText()));
    return signature.verify(Base64.getDecoder().decode(signed.get("signature").asText()));
  }

  private static Signature verifier(String signingAlgorithm) throws Exception {
    String bits = bits(signingAlgorithm);
    if (!signingAlgorithm.startsWith("RSASSA_PSS")) {
      boolean ecdsa = signingAlgorithm.startsWith("ECDSA");
      return Signature.getInstance("SHA" + bits + (ecdsa ? "withECDSA" : "withRSA"));
    }
    String digest = "SHA-" + bits;
    int saltBytes = Integer.parseInt(bits) / Byte.SIZE;
    Signature signature = Signature.getInstance("RSASSA-PSS");
    signature.setParameter(
        new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), saltBytes, 1));
    return signature;
  }

  private void assertNodeVerifies(List<ObjectNode> signed) throws Exception {
    List<String> wanted = new ArrayList<>();
    for (ObjectNode one : signed) {
      task("verify").setAll(one);
      task("verify").setAll(one.deepCopy().put("data", OTHER));
      wanted.addAll(List.of("true", "false"));
    }
    assertEquals(wanted, done());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"})
  void signaturesMadeHereVerifyThere(String algorithm) throws Exception {
    String keyId = pair(algorithm);

    List<ObjectNode> signed = signatures(keyId);

    assertEquals(algorithm.startsWith("RSA") ? 9 : 6, signed.size());
    assertNodeVerifies(signed);
    for (ObjectNode one : signed) {
      assertTrue(verifiedByTheJdk(algorithm.startsWith("RSA") ? "RSA" : "EC", one), one::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"})
  void signaturesMadeThereWithAnExportedKeyVerifyHere(String algorithm) throws Exception {
    String keyId = pair(algorithm);
    List<String> schemes = signingAlgorithms(keyId);
    for (String scheme : schemes) {
      task("sign").setAll(order(scheme, DATA).put("privateKey", material(keyId)));
    }

    List<String> signatures = done();

    for (int i = 0; i < schemes.size(); i++) {
      ObjectNode order = order(schemes.get(i), DATA).put("signature", signatures.get(i));
      assertTrue(use(keyId, "verify", order).get("signatureValid").asBoolean(), order::toString);
      ObjectNode ofDigest = order(schemes.get(i), digest(schemes.get(i)));
      if (!schemes.get(i).contains("PSS")) {
        ofDigest.put("isDigest", true).put("signature", signatures.get(i));
        assertTrue(use(keyId, "verify", ofDigest).get("signatureValid").asBoolean());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ML_DSA_44", "ML_DSA_65", "ML_DSA_87"})
  void mlDsaSignaturesMadeHereVerifyThere(String algorithm) throws Exception {
    requireMlDsa();
    String keyId = pair(algorithm);

    assertNodeVerifies(signatures(keyId));
  }

  /** OpenSSL has it from 3.5 on. */
  private static void requireMlDsa() throws Exception {
    List<String> version = node.run(Map.of(), "-p", "process.versions.openssl");
    String[] numbers = version.get(0).split("\\.", -1);
    if (Integer.parseInt(numbers[0]) * 100 + Integer.parseInt(numbers[1]) < 305) {
      NodeProject.skip("this Node has OpenSSL " + version.get(0) + ", which knows no ML-DSA");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA_1", "SHA_224", "SHA_256", "SHA_384", "SHA_512"})
  void macsAreTheSame(String hash) throws Exception {
    String keyId = key("generate-verify-mac", "HMAC_" + hash);
    ObjectNode body = ApiClient.JSON.createObjectNode().put("data", DATA);
    String mac = use(keyId, "generate-mac", body).get("mac").asText();
    task("mac")
        .put("key", material(keyId))
        .put("hash", hash.replace("_", "").toLowerCase(Locale.ROOT))
        .put("data", DATA);

    List<String> macs = done();

    assertEquals(List.of(mac), macs);
    assertTrue(use(keyId, "verify-mac", body.put("mac", macs.get(0))).get("macValid").asBoolean());
  }

  @ParameterizedTest
  @ValueSource(strings = {"aes-256-gcm", "aes-128-gcm"})
  void anExportedKeyOpensThereWhatWasSealedHere(String algorithm) throws Exception {
    String keyId = admin.createKey(newName(), algorithm);
    for (int size : new int[] {1, 16, 4_096, 1 << 20}) {
      String sealed = admin.seal(keyId, plaintext(size));
      task("open").put("key", material(keyId)).put("ciphertext", sealed);
    }

    List<String> opened = done();

    assertEquals(
        List.of(
            ApiClient.base64(plaintext(1)),
            ApiClient.base64(plaintext(16)),
            ApiClient.base64(plaintext(4_096)),
            ApiClient.base64(plaintext(1 << 20))),
        opened);
  }

  @ParameterizedTest
  @ValueSource(strings = {"aes-256-gcm", "aes-128-gcm"})
  void whatWasSealedThereOpensHere(String algorithm) throws Exception {
    String keyId = admin.createKey(newName(), algorithm);
    List<Integer> sizes = List.of(0, 1, 16, 4_096, 1 << 20);
    for (int size : sizes) {
      task("seal").put("key", material(keyId)).put("plaintext", ApiClient.base64(plaintext(size)));
    }

    List<String> sealed = done();

    for (int i = 0; i < sizes.size(); i++) {
      assertArrayEquals(plaintext(sizes.get(i)), admin.open(keyId, sealed.get(i)));
    }
  }

  private static byte[] plaintext(int size) {
    byte[] text = new byte[size];
    for (int i = 0; i < size; i++) {
      text[i] = (byte) (i * 31 + size);
    }
    return text;
  }
}
