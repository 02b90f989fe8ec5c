package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.root.RootKeyException;

/** Two servers, each with a home of its own, over one PostgreSQL. */
class TwoHomesTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path one;
  @TempDir private Path two;

  private final Map<String, String> settings =
      Map.of("kms.http.port", "0", "kms.store", PostgresServer.emptySchema());

  @Test
  void whatOneDoesHoldsForTheOther() throws Exception {
    try (EmbeddedServer first = EmbeddedServer.start(one, settings)) {
      Files.copy(one.resolve("root.key"), two.resolve("root.key"));
      try (EmbeddedServer second = EmbeddedServer.start(two, settings)) {
        ApiClient here = ApiClient.admin(first.url(), one);
        ApiClient there = ApiClient.admin(second.url(), one);
        String keyId = here.createKey("shared", "aes-256-gcm");

        assertArrayEquals(TEXT, there.open(keyId, here.seal(keyId, TEXT)));
        assertArrayEquals(TEXT, here.open(keyId, there.seal(keyId, TEXT)));
        assertFalse(Files.exists(two.resolve("bootstrap.json")), "there is one admin");

        there.patch("/api/v1/kms/keys/" + keyId, "{\"isDisabled\":true}").ok();
        long returned = System.nanoTime();

        long began = System.nanoTime();
        while (here.encrypt(keyId, TEXT).status() == 200) {
          assertTrue(began - returned < Duration.ofSeconds(1).toNanos(), "served a second later");
          began = System.nanoTime();
        }
        assertEquals(400, here.encrypt(keyId, TEXT).status());
      }
    }
  }

  @Test
  void aServerWithoutTheRootKeyIsToldWhichOneIsWanted() throws Exception {
    EmbeddedServer.start(one, settings).close();

    RootKeyException e =
        assertThrows(RootKeyException.class, () -> EmbeddedServer.start(two, settings));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("root.key") && message.contains("aes256-"), message);
  }
}
