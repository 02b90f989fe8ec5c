package org.kms4j.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Reads arbitrary bytes as a root key file. */
class RootKeyFileFuzzTest {
  private static Path file;

  @BeforeAll
  static void in(@TempDir Path folder) throws Exception {
    file = Files.createFile(folder.resolve("root.key"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @FuzzTest
  void fileIsTheBase64Of32BytesOrRefusedByName(byte[] data) throws Exception {
    Files.write(file, data);
    try (RootKey root = FileRootKey.load(file)) {

      String text = new String(data, StandardCharsets.ISO_8859_1).strip();
      assertEquals(32, Base64.getDecoder().decode(text).length);
      assertTrue(root.id().matches("aes256-[0-9a-f]{32}"), root.id());
    } catch (RootKeyException e) {
      String where = "root key file " + file;
      assertNull(e.getCause());
      assertTrue(
          String.valueOf(e.getMessage())
              .replace(where, "")
              .matches(" is not base64| holds \\d+ bytes, a root key has 32"),
          e.getMessage());
    }
  }
}
