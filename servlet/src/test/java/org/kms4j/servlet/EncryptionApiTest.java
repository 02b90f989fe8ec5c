package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.ApiClient.Answer;

/** Encrypt and decrypt over a real socket. */
@SuppressWarnings("StringConcatToTextBlock") // what ends in CR and LF is clearer in pieces
class EncryptionApiTest extends ApiFixture {
  @Nested
  class Encrypt {
    @ParameterizedTest
    @CsvSource({"aes-256-gcm,31", "aes-128-gcm,31", "xaes-256-gcm,77"})
    void goesThereAndBack(String algorithm, int overhead) throws Exception {
      String keyId = admin.createKey(newName(), algorithm);
      Random random = new Random(5);
      for (int size : new int[] {1, 2, 3, 4_096, 1 << 20}) {
        byte[] plaintext = new byte[size];
        random.nextBytes(plaintext);

        Answer answer = admin.encrypt(keyId, plaintext);

        assertEquals(List.of("ciphertext"), names(answer.ok()));
        String sealed = answer.body().get("ciphertext").asText();
        assertEquals(size + overhead, Base64.getDecoder().decode(sealed).length);
        assertArrayEquals(plaintext, admin.open(keyId, sealed));
      }
    }

    @Test
    void takesUnpaddedBase64AndUnknownMembers() throws Exception {
      String keyId = newKey();
      String path = KEYS + "/" + keyId + "/encrypt";

      Answer answer = admin.post(path, body("{'keyId':'%s','plaintext':'aGVsbG8'}", keyId));

      assertEquals(
          "hello",
          new String(
              admin.open(keyId, answer.ok().get("ciphertext").asText()), StandardCharsets.UTF_8));
    }

    @Test
    void aMessageOpensWithAnIndependentReader() throws Exception {
      byte[] material = new byte[32];
      new Random(6).nextBytes(material);
      UUID keyId = UUID.randomUUID();
      server
          .server()
          .keyring()
          .importKey(keyId, NewKeySpec.of(newName(), KeyAlgorithm.AES_256_GCM), material);

      byte[] sealed = Base64.getDecoder().decode(admin.seal(keyId.toString(), TEXT));
      Cipher reader = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
      reader.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(material, "AES"),
          new GCMParameterSpec(128, sealed, 0, 12));

      assertArrayEquals(TEXT, reader.doFinal(sealed, 12, sealed.length - 15));
    }

    @Test
    void whatIsWrongWithThePlaintextIsTold() throws Exception {
      String path = KEYS + "/" + newKey() + "/encrypt";

      assertIssues(admin.post(path, body("{'plaintext':''}")), "data must be base64 encoded");
      assertIssues(admin.post(path, body("{'plaintext':'a'}")), "data must be base64 encoded");
      assertIssues(admin.post(path, "{}"), "Invalid input: expected string, received undefined");
      assertIssues(
          admin.post(path, body("{'plaintext':5}")),
          "Invalid input: expected string, received number");
      assertIssues(
          admin.post(path, body("{'plaintext':'aGk=','plaintext':'aGk='}")), "Duplicate member");
      assertIssues(
          admin.post(path, body("{'plaintext':'%s'}", "A".repeat(1_398_106))),
          "data cannot exceed 1048576 bytes");
      assertIssues(
          admin.post(path, body("{'plaintext':'%s'}", "!".repeat(1_398_106))),
          "data must be base64 encoded",
          "data cannot exceed 1048576 bytes");
    }

    @ParameterizedTest
    @CsvSource({"null,null", "[],array", "'\"x\"',string", "5,number"})
    void aBodyThatIsNoObjectIsInvalid(String json, String type) throws Exception {
      assertIssues(
          admin.post(KEYS + "/" + newKey() + "/encrypt", json),
          "Invalid input: expected object, received " + type);
    }

    @Test
    void paramsComeBeforeTheBody() throws Exception {
      assertIssues(admin.post(KEYS + "/no-uuid/encrypt", "{}"), "Invalid UUID");
    }

    @Test
    void otherTypesOfBodies() throws Exception {
      String path = KEYS + "/" + newKey() + "/encrypt";

      assertIssues(
          admin.send(admin.request(path).POST(BodyPublishers.noBody())),
          "Invalid input: expected object, received null");
      assertIssues(
          admin.send("POST", path, "text/plain", BodyPublishers.ofString("{}")),
          "Invalid input: expected object, received string");
      admin
          .send(
              "POST",
              path,
              "application/x-www-form-urlencoded; charset=utf-8",
              BodyPublishers.ofString("plaintext=aGk%3D"))
          .ok();
      admin
          .send(
              "POST",
              path,
              "application/json;charset=utf-8",
              BodyPublishers.ofString(body("{'plaintext':'aGk='}")))
          .ok();
      admin
          .send("POST", path, "application/xml", BodyPublishers.ofString("<a/>"))
          .is(
              400,
              "BadRequest",
              "The content type of the body is not supported: send application/json");
      admin
          .send("POST", path, "application/json", BodyPublishers.ofString(""))
          .is(400, "BadRequest", "The body is empty, but its content type is application/json");
      admin
          .post(path, "{\"plaintext\":")
          .is(400, "BadRequest", "The body is not valid JSON at line 1, column 14");
    }

    @Test
    void aBodyOverTheLimitIsAnsweredNotReset() throws Exception {
      String path = KEYS + "/" + newKey() + "/encrypt";
      byte[] large = new byte[4 << 20];
      String message = "The body is larger than 2097152 bytes";

      admin
          .send("POST", path, "application/json", BodyPublishers.ofByteArray(large))
          .is(400, "BadRequest", message);
      admin
          .send(
              "POST",
              path,
              "application/json",
              BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
          .is(400, "BadRequest", message);
      admin
          .send("POST", KEYS, "application/json", BodyPublishers.ofByteArray(large))
          .is(400, "BadRequest", "The body is larger than 1048576 bytes");
      ApiClient.anonymous(server.url())
          .send("POST", path, "application/json", BodyPublishers.ofByteArray(large))
          .is(401, "UnauthorizedError", "Token missing");
    }

    @Test
    void whoWaitsToBeToldToContinueIsAnsweredWithoutTheBody() throws Exception {
      String request =
          "POST %s/%s/encrypt HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
              + "content-length: 3000000\r\nexpect: 100-continue\r\n\r\n";
      URI url = URI.create(server.url());
      try (Socket socket = new Socket(url.getHost(), url.getPort())) {
        socket.setSoTimeout(10_000);
        OutputStream out = socket.getOutputStream();
        out.write(request.formatted(KEYS, UNKNOWN).getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();

        assertEquals("HTTP/1.1 401", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
      }
    }

    @Test
    void anUnknownKeyIsSaidToBeUnknown() throws Exception {
      admin.encrypt(UNKNOWN, TEXT).is(404, "NotFound", body("Key with ID '%s' not found", UNKNOWN));
    }
  }

  @Nested
  class Decrypt {
    @Test
    void aMessageThatDoesNotOpenHasOneAnswer() throws Exception {
      String keyId = newKey();
      byte[] sealed = Base64.getDecoder().decode(admin.seal(keyId, TEXT));
      byte[] changed = sealed.clone();
      changed[15] ^= 1;
      String foreign = admin.seal(newKey(), TEXT);

      for (String ciphertext :
          List.of(
              ApiClient.base64(changed), foreign, "AAAA", "AA", ApiClient.base64(new byte[31]))) {
        admin
            .decrypt(keyId, ciphertext)
            .is(400, "BadRequest", "The ciphertext cannot be decrypted with this key");
      }
    }

    @Test
    void whatIsWrongWithTheCiphertextIsTold() throws Exception {
      String path = KEYS + "/" + newKey() + "/decrypt";

      assertIssues(
          admin.post(path, body("{'ciphertext':''}")), "ciphertext must be base64 encoded");
      assertIssues(
          admin.post(path, body("{'ciphertext':'%s'}", "A".repeat(1_399_468))),
          "ciphertext cannot exceed 1049600 bytes");
      assertIssues(
          admin.post(path, body("{'plaintext':'AAAA'}")),
          "Invalid input: expected string, received undefined");
    }

    @Test
    void aVersionOneMessageMayEndInAnything() throws Exception {
      String keyId = newKey();
      byte[] sealed = Base64.getDecoder().decode(admin.seal(keyId, TEXT));
      System.arraycopy("xyz".getBytes(StandardCharsets.US_ASCII), 0, sealed, sealed.length - 3, 3);

      assertArrayEquals(TEXT, admin.open(keyId, ApiClient.base64(sealed)));
    }
  }

  @Nested
  class Strictly {
    @Test
    void unknownMembersAreRefused(@TempDir Path other) throws Exception {
      try (EmbeddedServer strict =
          EmbeddedServer.start(other, Map.of("kms.http.port", "0", "kms.http.strict", "true"))) {
        ApiClient client = ApiClient.admin(strict.url(), other);
        String keyId = client.createKey("a", "aes-256-gcm");

        assertIssues(
            client.post(KEYS + "/" + keyId + "/encrypt", body("{'keyId':'x','plaintext':'AAAA'}")),
            body("Unrecognized key: 'keyId'"));
        assertIssues(
            client.post(KEYS, body("{'projectId':'%s','name':'b','x':1,'y':2}", PROJECT)),
            body("Unrecognized keys: 'x', 'y'"));
      }
    }
  }
}
