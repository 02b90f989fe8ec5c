package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmPathTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @Test
  void aWarmEncryptNeedsNoDatabaseAndAStaleOneFails(@TempDir Path home) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.start(home, Map.of("kms.http.port", "0"))) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("warm", "aes-256-gcm");
      String sealed = admin.seal(keyId, TEXT);
      admin.open(keyId, sealed);

      server.server().database().close();

      // Any question to the database now throws; what was confirmed a moment ago still holds.
      for (int i = 0; i < 20; i++) {
        admin.encrypt(keyId, TEXT).ok();
      }
      assertArrayEquals(TEXT, admin.open(keyId, sealed));

      long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      ApiClient.Answer last = admin.encrypt(keyId, TEXT);
      while (last.status() == 200 && System.nanoTime() < deadline) {
        last = admin.encrypt(keyId, TEXT);
      }
      last.is(500, "InternalServerError", "Something went wrong");
      assertEquals(4, last.body().size());
    }
  }
}
