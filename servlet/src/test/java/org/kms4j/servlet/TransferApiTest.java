package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.Role;

/** Key material in and out, over a real socket. */
class TransferApiTest extends ApiFixture {
  private static final String IMPORT = KEYS + "/bulk-import";
  private static final String EXPORT = KEYS + "/bulk-export-private-keys";
  private static final String AES = "encrypt-decrypt";
  private static final String SIGN = "sign-verify";
  private static final String MAC = "generate-verify-mac";

  private static ObjectNode entry(String name, String usage, String algorithm, byte[] material) {
    return ApiClient.JSON
        .createObjectNode()
        .put("name", name)
        .put("keyUsage", usage)
        .put("algorithm", algorithm)
        .put("keyMaterial", ApiClient.base64(material));
  }

  private static Answer importKeys(ObjectNode... entries) throws Exception {
    return importKeys(Arrays.asList(entries));
  }

  private static Answer importKeys(List<ObjectNode> entries) throws Exception {
    ObjectNode body = ApiClient.JSON.createObjectNode().put("projectId", PROJECT);
    body.putArray("keys").addAll(entries);
    return admin.post(IMPORT, body.toString());
  }

  /** Imports one key, which must succeed, and says its id. */
  private static String imported(String usage, String algorithm, byte[] material) throws Exception {
    JsonNode body = importKeys(entry(newName(), usage, algorithm, material)).ok();
    assertEquals(0, body.get("errors").size(), body::toString);
    return body.at("/keys/0/id").asText();
  }

  private static byte[] exported(String keyId) throws Exception {
    JsonNode body = admin.get(KEYS + "/" + keyId + "/private-key").ok();
    assertEquals(List.of("privateKey"), names(body));
    return Base64.getDecoder().decode(body.get("privateKey").asText());
  }

  private static Answer exportKeys(String... keyIds) throws Exception {
    ObjectNode body = ApiClient.JSON.createObjectNode();
    ArrayNode ids = body.putArray("keyIds");
    Arrays.asList(keyIds).forEach(ids::add);
    return admin.post(EXPORT, body.toString());
  }

  private static String locked() throws Exception {
    return server
        .server()
        .keyring()
        .create(NewKeySpec.of(newName(), KeyAlgorithm.AES_256_GCM))
        .id()
        .toString();
  }

  private static KeyPair ec(String curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static KeyPair rsa(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static byte[] pem(PrivateKey key) {
    return pem(key.getEncoded());
  }

  private static byte[] pem(byte[] der) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ascii("-----BEGIN PRIVATE KEY-----\n" + lines + "\n-----END PRIVATE KEY-----\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static PrivateKey fromPem(String algorithm, byte[] pem) throws Exception {
    String text = new String(pem, StandardCharsets.US_ASCII);
    assertTrue(text.startsWith("-----BEGIN PRIVATE KEY-----\n"), text.substring(0, 10));
    assertTrue(text.endsWith("\n-----END PRIVATE KEY-----\n"));
    String lines = text.replaceAll("-----[A-Z ]+-----", "").replace("\n", "");
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines)));
  }

  private static void assertBelong(String scheme, PrivateKey key, PublicKey publicKey)
      throws Exception {
    Signature signature = Signature.getInstance(scheme);
    signature.initSign(key);
    signature.update(TEXT);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(TEXT);
    assertTrue(signature.verify(signed));
  }

  @Nested
  class ExportOne {
    @ParameterizedTest
    @CsvSource({"aes-256-gcm,32", "aes-128-gcm,16"})
    void aKeyOpensWithTheJdkAloneWhatItSealedHere(String algorithm, int bytes) throws Exception {
      String keyId = admin.createKey(newName(), algorithm);
      byte[] sealed = Base64.getDecoder().decode(admin.seal(keyId, TEXT));

      byte[] key = exported(keyId);

      assertEquals(bytes, key.length);
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new GCMParameterSpec(128, sealed, 0, 12));
      assertArrayEquals(TEXT, cipher.doFinal(sealed, 12, sealed.length - 12 - 3));
    }

    @Test
    void aMacKeyIsItsBytes() throws Exception {
      byte[] material = ascii("sixteen and more bytes");

      assertArrayEquals(material, exported(imported(MAC, "HMAC_SHA_256", material)));
    }

    @ParameterizedTest
    @CsvSource({
      "secp256r1,ECC_NIST_P256",
      "secp384r1,ECC_NIST_P384",
      "secp521r1,ECC_NIST_P521",
    })
    void anEcKeyIsAPemText(String curve, String algorithm) throws Exception {
      KeyPair pair = ec(curve);

      byte[] pem = exported(imported(SIGN, algorithm, pem(pair.getPrivate())));

      assertBelong("SHA256withECDSA", fromPem("EC", pem), pair.getPublic());
    }

    @Test
    void anRsaKeyIsAPemText() throws Exception {
      KeyPair pair = rsa(4_096);

      byte[] pem = exported(imported(SIGN, "RSA_4096", pem(pair.getPrivate())));

      assertBelong("SHA256withRSA", fromPem("RSA", pem), pair.getPublic());
    }

    @Test
    void givesThePrimaryVersionAlone() throws Exception {
      String keyId = newKey();
      byte[] before = exported(keyId);

      admin.post(KEYS + "/" + keyId + "/rotate", "{}").ok();

      assertTrue(!Arrays.equals(before, exported(keyId)));
    }

    @Test
    void isRefusedOfAKeyThatMayNot() throws Exception {
      admin
          .get(KEYS + "/" + locked() + "/private-key")
          .is(400, "BadRequest", "You are not allowed to export this key");
    }

    @Test
    void isRefusedOfADisabledKey() throws Exception {
      String keyId = newKey();
      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok();

      admin.get(KEYS + "/" + keyId + "/private-key").is(400, "BadRequest", "Key is disabled");
    }

    @Test
    void isRefusedOfUnknownKeysAndTheServersOwn() throws Exception {
      String own = SigningKey.findOrCreate(server.server().keyring()).toString();

      admin
          .get(KEYS + "/" + UNKNOWN + "/private-key")
          .is(404, "NotFound", "Key with ID \"" + UNKNOWN + "\" not found");
      admin
          .get(KEYS + "/" + own + "/private-key")
          .is(400, "BadRequest", "Key is not customer managed");
    }
  }

  @Nested
  class Permissions {
    private static final String DENIED = "You are not allowed to export-private-key on cmek";

    @ParameterizedTest
    @EnumSource(names = "ADMIN", mode = EnumSource.Mode.EXCLUDE)
    void noRoleButAdminExports(Role role) throws Exception {
      ApiClient robot = robot(Optional.of(role));
      String keyId = newKey();

      robot.get(KEYS + "/" + keyId + "/private-key").is(403, "PermissionDenied", DENIED);
      robot.post(EXPORT, body("{'keyIds':['%s']}", keyId)).is(403, "PermissionDenied", DENIED);
    }

    @Test
    void strangersExportAndImportNothing() throws Exception {
      ApiClient stranger = robot(Optional.empty());
      String keyId = newKey();

      assertEquals(403, stranger.get(KEYS + "/" + keyId + "/private-key").status());
      assertEquals(403, stranger.post(EXPORT, body("{'keyIds':['%s']}", keyId)).status());
      assertEquals(
          "ProjectMembershipNotFound",
          stranger
              .post(
                  IMPORT,
                  body(
                      "{'projectId':'%s','keys':[{'name':'x','keyUsage':'encrypt-decrypt',"
                          + "'algorithm':'aes-128-gcm','keyMaterial':'AAAAAAAAAAAAAAAAAAAAAA=='}]}",
                      PROJECT))
              .error());
    }

    @Test
    void aMemberImportsAndAViewerDoesNot() throws Exception {
      String json =
          body(
              "{'projectId':'%s','keys':[{'name':'%s','keyUsage':'encrypt-decrypt',"
                  + "'algorithm':'aes-128-gcm','keyMaterial':'AAAAAAAAAAAAAAAAAAAAAA=='}]}",
              PROJECT, newName());

      robot(Optional.of(Role.VIEWER))
          .post(IMPORT, json)
          .is(403, "PermissionDenied", "You are not allowed to create on cmek");
      assertEquals(1, robot(Optional.of(Role.MEMBER)).post(IMPORT, json).ok().get("keys").size());
    }

    @Test
    void aDisabledKeyIsNotToldToThoseWhoMayNot() throws Exception {
      String keyId = newKey();
      admin.patch(KEYS + "/" + keyId, body("{'isDisabled':true}")).ok();
      ApiClient member = robot(Optional.of(Role.MEMBER));

      member.get(KEYS + "/" + keyId + "/private-key").is(403, "PermissionDenied", DENIED);
    }
  }

  @Nested
  class Import {
    /** From a running server of upstream's. */
    @Test
    void aKeyOfUpstreamOpensItsOldCiphertext() throws Exception {
      byte[] material =
          HexFormat.of()
              .parseHex("b7a1fcd3a27976b1a3e1ab45bf501ac23097ef6838e62e3fe0d329ffb778c405");

      String keyId = imported(AES, "aes-256-gcm", material);

      assertArrayEquals(
          ascii("hello"), admin.open(keyId, "9XDwPD3/g2zfjHENC6netJGvN9kE+7VKAlQ8nrZcWYajdjAx"));
    }

    /** Computed from the layout; see also what a rotated key of upstream's has sealed. */
    @ParameterizedTest
    @CsvSource({
      "aes-256-gcm,32,oKGio6Slpqeoqaqrjn0QQSq0ae3rb6hLrkcxoH2/cMVkdjAx",
      "aes-256-gcm,32,oKGio6Slpqeoqaqrjn0QQSq0ae3rb6hLrkcxoH2/cMVkAAAAAnYwMg==",
      "aes-128-gcm,16,oKGio6SlpqeoqaqrwuNU1xEqKESG07Ps7vnXCt9dmjixdjAx",
    })
    void ciphertextsOfBothFormatsOpen(String algorithm, int bytes, String ciphertext)
        throws Exception {
      byte[] material = new byte[bytes];
      for (int i = 0; i < bytes; i++) {
        material[i] = (byte) i;
      }

      assertArrayEquals(ascii("hello"), admin.open(imported(AES, algorithm, material), ciphertext));
    }

    @Test
    void makesTheGoodOnesAndTellsTheBadOnes() throws Exception {
      String taken = newName();
      admin.createKey(taken, "aes-256-gcm");
      String good = newName();
      String second = newName();

      JsonNode body =
          importKeys(
                  entry(good, AES, "aes-256-gcm", new byte[32]),
                  entry("short-aes", AES, "aes-256-gcm", new byte[31]),
                  entry("short-mac", MAC, "HMAC_SHA_512", new byte[15]),
                  entry("long-mac", MAC, "HMAC_SHA_512", new byte[1_025]),
                  entry("no-pem", SIGN, "RSA_4096", new byte[100]),
                  entry(
                      "der-not-pem",
                      SIGN,
                      "ECC_NIST_P256",
                      ec("secp256r1").getPrivate().getEncoded()),
                  entry("pem-of-nothing", SIGN, "ECC_NIST_P256", pem(new byte[40])),
                  entry("small-rsa", SIGN, "RSA_4096", pem(rsa(2_048).getPrivate())),
                  entry("ec-as-rsa", SIGN, "RSA_4096", pem(ec("secp256r1").getPrivate())),
                  entry("other-curve", SIGN, "ECC_NIST_P256", pem(ec("secp384r1").getPrivate())),
                  entry("no-der", SIGN, "ML_DSA_65", new byte[10]),
                  entry(taken, AES, "aes-256-gcm", new byte[32]),
                  entry(good, AES, "aes-256-gcm", new byte[32]),
                  entry(second, AES, "xaes-256-gcm", new byte[32]))
              .ok();

      List<String> made = new ArrayList<>();
      body.get("keys").forEach(key -> made.add(key.get("name").asText()));
      assertEquals(List.of(good, second), made);
      String pem = "Invalid private key material. Expected a PKCS8 PEM-encoded private key.";
      String mismatch = "Key material does not match the declared algorithm. ";
      String mac = "Invalid HMAC key material length. Expected between 16 and 1024 bytes, got ";
      String name = "A KMS key with the name \"%s\" already exists for the project with ID \"%s\"";
      List<String> errors = new ArrayList<>();
      body.get("errors")
          .forEach(e -> errors.add(e.get("name").asText() + ": " + e.get("message").asText()));
      assertEquals(
          List.of(
              "short-aes: Invalid key material length for aes-256-gcm. Expected 32 bytes, got 31.",
              "short-mac: " + mac + "15.",
              "long-mac: " + mac + "1025.",
              "no-pem: " + pem,
              "der-not-pem: " + pem,
              "pem-of-nothing: " + pem,
              "small-rsa: " + mismatch + "Expected an RSA 4096-bit key.",
              "ec-as-rsa: " + mismatch + "Expected an RSA 4096-bit key.",
              "other-curve: " + mismatch + "Expected an EC P-256 key.",
              "no-der: Invalid private key material. Expected a PKCS8 DER-encoded private key.",
              taken + ": " + name.formatted(taken, PROJECT),
              good + ": " + name.formatted(good, PROJECT)),
          errors);
    }

    @Test
    void anMlDsaSeedComesOutAsItCame() throws Exception {
      byte[] header = HexFormat.of().parseHex("3034020100300b060960864801650304031104228020");
      byte[] pkcs8 = Arrays.copyOf(header, header.length + 32);

      JsonNode body = importKeys(entry(newName(), SIGN, "ML_DSA_44", pkcs8)).ok();

      assertArrayEquals(pkcs8, exported(body.at("/keys/0/id").asText()));
    }

    @Test
    void keysAreExportableUnlessToldOtherwise() throws Exception {
      JsonNode body =
          importKeys(entry(newName(), AES, "aes-256-gcm", new byte[32]).put("isExportable", false))
              .ok();

      admin
          .get(KEYS + "/" + body.at("/keys/0/id").asText() + "/private-key")
          .is(400, "BadRequest", "You are not allowed to export this key");
      assertEquals(32, exported(imported(AES, "aes-256-gcm", new byte[32])).length);
    }

    @Test
    void keysAreStrictUnlessToldOtherwise() throws Exception {
      JsonNode body =
          importKeys(
                  entry(newName(), AES, "aes-256-gcm", new byte[32]).put("isStrict", false),
                  entry(newName(), AES, "aes-256-gcm", new byte[32]))
              .ok();

      JsonNode loose = admin.get(KEYS + "/" + body.at("/keys/0/id").asText()).ok();
      JsonNode strict = admin.get(KEYS + "/" + body.at("/keys/1/id").asText()).ok();
      assertFalse(loose.at("/key/isStrict").asBoolean(true));
      assertTrue(strict.at("/key/isStrict").isMissingNode());
    }

    @Test
    void theOlderNameOfTheAlgorithmCountsIfTheNewerIsAbsent() throws Exception {
      ObjectNode older = entry(newName(), AES, "aes-128-gcm", new byte[16]);
      older.put("encryptionAlgorithm", older.remove("algorithm").asText());

      String keyId = importKeys(older).ok().at("/keys/0/id").asText();

      assertEquals("aes-128-gcm", admin.get(KEYS + "/" + keyId).ok().at("/key/algorithm").asText());
    }

    @Test
    void faultsAreToldWithThePlaceOfTheEntry() throws Exception {
      ObjectNode nameless = entry("x", AES, "aes-256-gcm", new byte[32]);
      nameless.remove("name");
      ObjectNode unknown = entry("x", AES, "aes-256-gcm", new byte[32]).put("algorithm", "des");
      unknown.put("keyMaterial", 5);
      ObjectNode none = entry("x", AES, "aes-256-gcm", new byte[32]);
      none.remove("algorithm");

      Answer answer =
          importKeys(
              nameless,
              unknown,
              none,
              entry("x", SIGN, "aes-256-gcm", new byte[32]),
              entry("x", AES, "RSA_4096", new byte[32]),
              entry("x", MAC, "RSA_4096", new byte[32]),
              entry("x", AES, "aes-256-gcm", new byte[32]).put("keyMaterial", "?"),
              entry("x", AES, "aes-256-gcm", new byte[32]).put("keyMaterial", ""),
              entry("x", "encrypt", "aes-256-gcm", new byte[32]));

      assertEquals(422, answer.status());
      List<String> issues = new ArrayList<>();
      answer
          .body()
          .get("message")
          .forEach(i -> issues.add(i.get("path") + " " + i.get("message").asText()));
      assertEquals(
          List.of(
              "[\"keys\",0,\"name\"] Invalid input: expected string, received undefined",
              issues.get(1),
              "[\"keys\",1,\"keyMaterial\"] Invalid input: expected string, received number",
              "[\"keys\",2,\"algorithm\"] algorithm is required",
              "[\"keys\",3] algorithm must be an asymmetric algorithm for sign-verify keys",
              "[\"keys\",4] algorithm must be a symmetric algorithm for encrypt-decrypt keys",
              "[\"keys\",5] algorithm must be an HMAC algorithm for generate-verify-mac keys",
              "[\"keys\",6,\"keyMaterial\"] keyMaterial must be base64 encoded",
              "[\"keys\",7,\"keyMaterial\"] Too small: expected string to have >=1 characters",
              "[\"keys\",8,\"keyUsage\"] Invalid option: expected one of \"encrypt-decrypt\"|"
                  + "\"sign-verify\"|\"generate-verify-mac\""),
          issues);
      assertTrue(
          issues.get(1).startsWith("[\"keys\",1,\"algorithm\"] Invalid option: expected one of"),
          issues.get(1));
    }

    @Test
    void noneAndTooManyAndOthersAreRefused() throws Exception {
      assertIssues(importKeys(), "Too small: expected array to have >=1 items");
      List<ObjectNode> many = new ArrayList<>();
      for (int i = 0; i < 101; i++) {
        many.add(entry("k" + i, AES, "aes-256-gcm", new byte[32]));
      }
      assertIssues(importKeys(many), "Too big: expected array to have <=100 items");
      assertIssues(
          admin.post(IMPORT, body("{'projectId':'x','keys':{}}")),
          "Invalid UUID",
          "Invalid input: expected array, received object");
      assertIssues(
          admin.post(IMPORT, body("{'keys':[5]}")),
          "Invalid input: expected string, received undefined",
          "Invalid input: expected object, received number");
    }

    @Test
    void anUnknownProjectIsNotFound() throws Exception {
      ObjectNode body = ApiClient.JSON.createObjectNode().put("projectId", UNKNOWN);
      body.putArray("keys").add(entry("x", AES, "aes-256-gcm", new byte[32]));

      admin
          .post(IMPORT, body.toString())
          .is(404, "NotFound", "Project with " + UNKNOWN + " not found");
    }
  }

  @Nested
  class ExportMany {
    @Test
    void answersAllInTheOrderAskedForAndEachOnce() throws Exception {
      KeyPair pair = ec("secp256r1");
      String signing = imported(SIGN, "ECC_NIST_P256", pem(pair.getPrivate()));
      String sealing = newKey();
      String mac = imported(MAC, "HMAC_SHA_1", new byte[20]);

      JsonNode keys = exportKeys(signing, sealing, mac, signing).ok().get("keys");

      assertEquals(3, keys.size());
      assertEquals(
          List.of("keyId", "name", "keyUsage", "algorithm", "privateKey", "publicKey"),
          names(keys.get(0)));
      assertEquals(
          List.of("keyId", "name", "keyUsage", "algorithm", "privateKey"), names(keys.get(1)));
      assertEquals(signing, keys.get(0).get("keyId").asText());
      assertEquals("sign-verify", keys.get(0).get("keyUsage").asText());
      assertEquals("ECC_NIST_P256", keys.get(0).get("algorithm").asText());
      assertEquals(sealing, keys.get(1).get("keyId").asText());
      assertEquals(mac, keys.get(2).get("keyId").asText());
      byte[] spki = Base64.getDecoder().decode(keys.get(0).get("publicKey").asText());
      byte[] pem = Base64.getDecoder().decode(keys.get(0).get("privateKey").asText());
      assertEquals(
          pair.getPublic(),
          KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki)));
      assertBelong("SHA256withECDSA", fromPem("EC", pem), pair.getPublic());
    }

    @Test
    void answersNothingIfOneMayNot() throws Exception {
      String good = newKey();
      String locked = locked();
      String disabled = newKey();
      admin.patch(KEYS + "/" + disabled, body("{'isDisabled':true}")).ok();
      String own = SigningKey.findOrCreate(server.server().keyring()).toString();

      exportKeys(good, locked)
          .is(400, "BadRequest", "You are not allowed to export this key [kmsId=" + locked + "]");
      exportKeys(good, disabled).is(400, "BadRequest", "Key is disabled");
      exportKeys(good, UNKNOWN).is(404, "NotFound", "Key with ID \"" + UNKNOWN + "\" not found");
      exportKeys(good, own).is(400, "BadRequest", "Key is not customer managed");
    }

    @Test
    void keysOfTwoProjectsAreRefusedOnceTheCallerMayInBoth() throws Exception {
      String project =
          admin
              .post("/api/v1/projects", body("{'projectName':'other','type':'kms'}"))
              .ok()
              .at("/project/id")
              .asText();
      String here = newKey();
      String there =
          server
              .server()
              .keyring()
              .create(NewKeySpec.of(newName(), KeyAlgorithm.AES_256_GCM).inProject(project))
              .id()
              .toString();
      ApiClient hereAlone = robot(Optional.of(Role.ADMIN));

      exportKeys(here, there).is(400, "BadRequest", "All keys must belong to the same project");
      assertEquals(
          "ProjectMembershipNotFound",
          hereAlone.post(EXPORT, body("{'keyIds':['%s','%s']}", here, there)).error());
    }

    @Test
    void idsAreChecked() throws Exception {
      Answer answer = exportKeys(UNKNOWN, "x", UNKNOWN.toUpperCase(java.util.Locale.ROOT));

      assertEquals(422, answer.status());
      assertEquals("[\"keyIds\",1]", answer.body().at("/message/0/path").toString());
      assertEquals("Invalid UUID", answer.body().at("/message/0/message").asText());
      assertEquals(1, answer.body().get("message").size());
      assertIssues(exportKeys(), "Too small: expected array to have >=1 items");
      assertIssues(admin.post(EXPORT, "{}"), "Invalid input: expected array, received undefined");
      String[] many = new String[101];
      Arrays.fill(many, UNKNOWN);
      assertIssues(exportKeys(many), "Too big: expected array to have <=100 items");
    }
  }

  @Test
  void whatWasExportedComesInElsewhereAndOpensWhatWasSealed() throws Exception {
    String keyId = newKey();
    String sealed = admin.seal(keyId, TEXT);

    String other = imported(AES, "aes-256-gcm", exported(keyId));

    assertArrayEquals(TEXT, admin.open(other, sealed));
  }
}
