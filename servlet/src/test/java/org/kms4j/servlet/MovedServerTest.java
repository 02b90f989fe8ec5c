package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.errand.ErrandLine;
import org.kms4j.servlet.errand.OpenHome;

/** Servers over a store that has moved: callers notice nothing but the URL. */
class MovedServerTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path home;

  private EmbeddedServer start(String store) {
    return EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.store", store));
  }

  private void migrate(String from, String to) {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    ErrandLine.parse(List.of("migrate", "--from", from, "--to", to), Map.of())
        .errand()
        .run(() -> OpenHome.open(home, Map.of()), out);
  }

  @Test
  void tokensSecretsAndCiphertextsOfTheSourceServeAtTheTargetAndBack() throws Exception {
    String file = "jdbc:sqlite:" + home.resolve("kms.db");
    String postgres = PostgresServer.emptySchema();
    String token;
    String revoked;
    String keyId;
    String sealed;
    try (EmbeddedServer server = start(file)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      ApiClient leaving = ApiClient.admin(server.url(), home);
      keyId = admin.createKey("orders", "aes-256-gcm");
      sealed = admin.seal(keyId, TEXT);
      leaving
          .post("/api/v1/auth/token/revoke", "{\"accessToken\":\"" + leaving.token() + "\"}")
          .ok();
      token = admin.token();
      revoked = leaving.token();
    }

    migrate(home.toString(), postgres);

    String sealedThere;
    try (EmbeddedServer server = start(postgres)) {
      assertFalse(server.firstStart());
      ApiClient known = new ApiClient(server.url(), Optional.of(token));
      assertArrayEquals(TEXT, known.open(keyId, sealed));
      assertEquals(401, known.withToken(revoked).decrypt(keyId, sealed).status());
      assertArrayEquals(TEXT, ApiClient.admin(server.url(), home).open(keyId, sealed));
      sealedThere = known.seal(keyId, TEXT);
    }

    Path back = Files.createDirectory(home.resolve("back"));
    Files.copy(home.resolve("root.key"), back.resolve("root.key"));
    migrate(postgres, back.toString());

    try (EmbeddedServer server = start("jdbc:sqlite:" + back.resolve("kms.db"))) {
      ApiClient known = new ApiClient(server.url(), Optional.of(token));
      assertArrayEquals(TEXT, known.open(keyId, sealed));
      assertArrayEquals(TEXT, known.open(keyId, sealedThere));
      assertEquals(401, known.withToken(revoked).decrypt(keyId, sealed).status());
    }
  }
}
