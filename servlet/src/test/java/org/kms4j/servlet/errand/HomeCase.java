package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.provider.NewKeySpec;

/** Two empty homes, and errands between them. */
abstract class HomeCase {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;
  static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
  static final UUID KEY_ID = UUID.fromString("7f894dc7-da51-4556-b9e4-c862b44c4f80");

  @TempDir Path folder;
  Path here;
  Path there;
  Path file;

  @BeforeEach
  void makeHomes() throws Exception {
    here = Files.createDirectory(folder.resolve("here"));
    there = Files.createDirectory(folder.resolve("there"));
    file = folder.resolve("keys.json");
  }

  static OpenHome open(Path home) {
    return OpenHome.open(home, Map.of());
  }

  /** Runs an errand and says the lines that it printed. */
  static List<String> run(Errand errand, Path home) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    errand.run(() -> open(home), new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** Runs an errand, which must refuse, and says the lines of its message. */
  static List<String> refusal(Errand errand, Path home) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> run(errand, home));
    return String.valueOf(e.getMessage()).lines().map(String::strip).toList();
  }

  static KeyMetadata create(OpenHome home, String name, KeyAlgorithm algorithm, boolean exportable)
      throws Exception {
    return home.keyring().create(new NewKeySpec(PROJECT, name, "", algorithm, exportable));
  }

  static byte[] seal(OpenHome home, UUID keyId) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS", new KmsProvider(home.keyring()));
    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(keyId));
    return cipher.doFinal(TEXT);
  }

  static byte[] unseal(OpenHome home, UUID keyId, byte[] message) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS", new KmsProvider(home.keyring()));
    cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(keyId));
    return cipher.doFinal(message);
  }

  static byte[] material(int seed, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) seed);
    return bytes;
  }

  static ObjectNode aes(UUID keyId, String name, byte[] material) {
    return JSON.createObjectNode()
        .put("keyId", keyId.toString())
        .put("name", name)
        .put("keyUsage", "encrypt-decrypt")
        .put("algorithm", "aes-256-gcm")
        .put("privateKey", Base64.getEncoder().encodeToString(material));
  }

  void write(ObjectNode... entries) throws Exception {
    ObjectNode document = JSON.createObjectNode();
    ArrayNode keys = document.putArray("keys");
    Arrays.asList(entries).forEach(keys::add);
    Files.writeString(file, document.toString());
  }

  ImportFile importFile() {
    return new ImportFile(file, PROJECT, false);
  }
}
