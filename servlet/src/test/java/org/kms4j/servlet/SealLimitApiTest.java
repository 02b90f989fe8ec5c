package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealLimitApiTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path home;

  private EmbeddedServer start(Map<String, String> seals) {
    Map<String, String> own = new HashMap<>(seals);
    own.put("kms.http.port", "0");
    return EmbeddedServer.start(home, own);
  }

  @Test
  void keyAtItsLimitRotatesUnseen() throws Exception {
    try (EmbeddedServer server = start(Map.of("kms.seal.limit", "3"))) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("orders", "aes-256-gcm");
      String first = admin.seal(keyId, TEXT);
      for (int i = 0; i < 6; i++) {
        assertArrayEquals(TEXT, admin.open(keyId, admin.seal(keyId, TEXT)));
      }

      assertEquals(3, admin.get(ApiClient.KEYS + "/" + keyId).ok().at("/key/version").asInt());
      assertArrayEquals(TEXT, admin.open(keyId, first));
    }
  }

  @Test
  void keyThatMayNotRotateIsRefusedWithWhatToDo() throws Exception {
    Map<String, String> strict = Map.of("kms.seal.limit", "2", "kms.seal.rotate", "false");
    try (EmbeddedServer server = start(strict)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("orders", "aes-128-gcm");
      admin.seal(keyId, TEXT);
      String sealed = admin.seal(keyId, TEXT);

      admin
          .encrypt(keyId, TEXT)
          .is(
              400,
              "BadRequest",
              "Version 1 of the key has sealed as many messages as it may: rotate the key");
      assertArrayEquals(TEXT, admin.open(keyId, sealed));

      admin.post(ApiClient.KEYS + "/" + keyId + "/rotate", "{}").ok();
      assertArrayEquals(TEXT, admin.open(keyId, admin.seal(keyId, TEXT)));
    }
  }

  @Test
  void badSettingStopsTheStart() {
    for (String name : new String[] {"kms.seal.limit", "kms.seal.rotate"}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> start(Map.of(name, "often")).close());

      assertTrue(String.valueOf(e.getMessage()).contains(name), e.toString());
    }
  }
}
