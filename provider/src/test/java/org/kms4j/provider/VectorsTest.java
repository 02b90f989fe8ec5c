package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;

/**
 * The frozen vectors of every format, made by {@code vectors/generate.py}. What opens today must
 * open for ever: a file here is never edited.
 */
class VectorsTest {
  /** One file: fields, a blank line, the message. */
  private record Vector(String name, Map<String, String> fields, String body) {
    static Vector read(Path file) throws IOException {
      Map<String, String> fields = new HashMap<>();
      List<String> lines = Files.readAllLines(file);
      int blank = lines.indexOf("");
      for (String line : lines.subList(0, blank)) {
        int colon = line.indexOf(':');
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
      String body = String.join("", lines.subList(blank + 1, lines.size()));
      return new Vector(String.valueOf(file.getFileName()), fields, body);
    }

    String text(String field) {
      String value = fields.get(field);
      if (value == null) {
        throw new AssertionError(name + " lacks " + field);
      }
      return value;
    }

    byte[] bytes(String field) {
      return HexFormat.of().parseHex(text(field));
    }

    byte[] message() {
      return Base64.getDecoder().decode(body);
    }

    int version() {
      return Integer.parseInt(text("version"));
    }

    boolean opens() {
      return text("expect").equals("opens");
    }

    /** That of most. */
    boolean strict() {
      return Boolean.parseBoolean(fields.getOrDefault("strict", "true"));
    }

    KeyAlgorithm algorithm() {
      return KeyAlgorithm.of(text("algorithm"));
    }

    UUID keyId() {
      return UUID.fromString(text("key-id"));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Vector> read(boolean wrapped) throws IOException, URISyntaxException {
    URL here = VectorsTest.class.getResource("/vectors/generate.py");
    if (here == null) {
      throw new AssertionError("no vectors on the path of the tests");
    }
    try (Stream<Path> files = Files.list(Path.of(here.toURI()).resolveSibling(""))) {
      return files
          .filter(file -> file.toString().endsWith(".txt"))
          .filter(file -> String.valueOf(file.getFileName()).startsWith("wrapped") == wrapped)
          .sorted()
          .map(
              file -> {
                try {
                  return Vector.read(file);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .toList()
          .stream();
    }
  }

  static Stream<Vector> messages() throws Exception {
    return read(false);
  }

  static Stream<Vector> wraps() throws Exception {
    return read(true);
  }

  static Stream<Arguments> messagesOverEachEngine() throws Exception {
    List<Vector> all = messages().toList();
    return Stream.of(AesEngine.values())
        .flatMap(engine -> all.stream().map(vector -> Arguments.of(engine, vector)));
  }

  @AfterEach
  void computeAsEver() {
    KmsFixture.compute(AesEngine.SUN_JCE);
  }

  @ParameterizedTest
  @MethodSource("messagesOverEachEngine")
  @Conformance({"C-53", "C-54"})
  void messageDoesWhatItsFileSays(AesEngine engine, Vector vector) throws Exception {
    KmsFixture.compute(engine);
    try (KmsFixture kms = fixture(vector)) {
      KmsKey key = key(kms, vector);
      byte[] aad = vector.bytes("aad");
      if (!vector.opens()) {
        assertThrows(AEADBadTagException.class, () -> kms.open(key, vector.message(), aad));
        return;
      }

      // In this order: ACCP seals with no IV that it has opened with.
      assertArrayEquals(vector.message(), kms.seal(key, vector.bytes("plaintext"), aad));
      assertArrayEquals(vector.bytes("plaintext"), kms.open(key, vector.message(), aad));
    }
  }

  private static KmsFixture fixture(Vector vector) {
    return KmsFixture.withIvs(new FixedIvSource(vector.bytes("iv")));
  }

  /** Every earlier version has other material. */
  private static KmsKey key(KmsFixture kms, Vector vector) throws GeneralSecurityException {
    byte[] key = vector.bytes("key");
    byte[][] versions = new byte[vector.version()][];
    Arrays.setAll(versions, i -> KmsFixture.bytes(i, key.length));
    versions[versions.length - 1] = key;
    return kms.withMaterial(vector.keyId(), vector.algorithm(), versions);
  }

  @ParameterizedTest
  @MethodSource("wraps")
  void wrappedKeyDoesWhatItsFileSays(Vector vector) {
    String key = Base64.getEncoder().encodeToString(vector.bytes("key"));
    Instant now = Instant.EPOCH;
    KeyMetadata metadata =
        new KeyMetadata(
            vector.keyId(),
            "p",
            "n",
            "",
            vector.algorithm(),
            KeyState.ENABLED,
            Boolean.parseBoolean(vector.text("exportable")),
            vector.strict(),
            vector.version(),
            now,
            now,
            0);
    try (RootKey root = EnvironmentRootKey.load("K", Map.of("K", key))) {
      WrappedKey wrapped = WrappedKey.of(metadata, vector.version(), root.id(), vector.message());

      assertEquals(vector.text("root-key-id"), root.id());
      assertArrayEquals(vector.bytes("aad"), wrapped.aad());
      if (vector.opens()) {
        assertArrayEquals(vector.bytes("plaintext"), root.unwrap(wrapped.bytes(), wrapped.aad()));
      } else {
        assertThrows(RootKeyException.class, () -> root.unwrap(wrapped.bytes(), wrapped.aad()));
      }
    }
  }

  @Test
  void everyFormatHasVectorsOfBothKinds() throws Exception {
    List<Vector> all = Stream.concat(messages(), wraps()).toList();
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      assertTrue(all.stream().anyMatch(v -> v.algorithm() == algorithm && v.opens()));
    }
    assertTrue(all.stream().filter(vector -> !vector.opens()).count() > 30);
    System.out.println("[vectors] our own: " + all.size() + " ran");
  }
}
