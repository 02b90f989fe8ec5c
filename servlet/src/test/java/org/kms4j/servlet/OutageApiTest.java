package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;

/** PostgreSQL goes away and comes back; the server and its clients' tokens stay. */
class OutageApiTest {
  /**
   * Of one answer; the code's own bounds are below five seconds, the rest is for a busy machine.
   */
  private static final Duration BOUND = Duration.ofSeconds(15);

  private static final int AT_ONCE = 32;
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  private ApiClient admin = ApiClient.anonymous("");

  @Test
  void whatIsWarmGoesOnAllElseFailsInTimeAndNothingIsRestarted(@TempDir Path folder)
      throws Exception {
    Path data = folder.resolve("data");
    Path home = folder.resolve("home");
    EmbeddedPostgres postgres = PostgresServer.start(data, 0);
    int port = postgres.getPort();
    Map<String, String> settings =
        Map.of(
            "kms.http.port", "0",
            "kms.store", postgres.getJdbcUrl("postgres", "postgres"),
            "kms.poll", "20");
    try (EmbeddedServer server = EmbeddedServer.start(home, settings)) {
      admin = ApiClient.admin(server.url(), home);
      String warm = admin.createKey("warm", "aes-256-gcm");
      String cold = admin.createKey("cold", "aes-256-gcm");
      String sealed = admin.seal(warm, TEXT);
      assertEquals("up", store());

      CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> stop(postgres));
      awaitStore("down");
      assertWarmServesOn(warm, sealed);
      stopping.join();

      assertFails(() -> admin.encrypt(cold, TEXT));
      assertFails(() -> admin.decrypt(warm, sealed));
      assertFails(() -> admin.patch(ApiClient.KEYS + "/" + warm, "{\"isDisabled\":true}"));
      assertFails(() -> admin.post(ApiClient.KEYS + "/" + warm + "/rotate", "{}"));
      assertFails(() -> admin.get(ApiClient.KEYS + "?projectId=" + KeyMetadata.DEFAULT_PROJECT));
      assertFails(() -> admin.login("11111111-1111-4111-8111-111111111111", "0".repeat(64)));
      assertManyFail(warm);
      assertEquals("down", store());

      try (EmbeddedPostgres back = PostgresServer.start(data, port)) {
        assertEquals(port, back.getPort());
        awaitStore("up");
        assertArrayEquals(TEXT, admin.open(warm, sealed));
        assertArrayEquals(TEXT, admin.open(cold, admin.seal(cold, TEXT)));
        admin.patch(ApiClient.KEYS + "/" + warm, "{\"isDisabled\":true}").ok();
        assertEquals(400, admin.encrypt(warm, TEXT).status());
        ApiClient.admin(server.url(), home).createKey("new", "aes-256-gcm");
      }
    }
  }

  private static void stop(EmbeddedPostgres postgres) {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the status says of the store; it is 200, and at once, whatever happens. */
  private String store() throws Exception {
    long began = System.nanoTime();
    Answer answer = admin.get("/api/status");
    assertEquals("Ok", answer.ok().get("message").asText());
    assertTrue(System.nanoTime() - began < BOUND.toNanos() / 5, "the status waits");
    return answer.raw().headers().firstValue("x-kms-store").orElseThrow();
  }

  private void awaitStore(String wanted) throws Exception {
    long began = System.nanoTime();
    while (!store().equals(wanted)) {
      assertTrue(System.nanoTime() - began < 2 * BOUND.toNanos(), "the store is not " + wanted);
    }
  }

  /** With a question every 20 ms, it is known to be away long before the last answer is too old. */
  private void assertWarmServesOn(String warm, String sealed) throws Exception {
    long began = System.nanoTime();
    assertArrayEquals(TEXT, admin.open(warm, sealed));
    Answer last = admin.encrypt(warm, TEXT);
    last.ok();
    while (last.status() == 200) {
      assertTrue(System.nanoTime() - began < BOUND.toNanos(), "it seals without asking anybody");
      last = admin.encrypt(warm, TEXT);
    }
    last.is(500, "InternalServerError", "Something went wrong");
  }

  private static void assertFails(Callable<Answer> question) throws Exception {
    long began = System.nanoTime();
    question.call().is(500, "InternalServerError", "Something went wrong");
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "it waited for too long");
  }

  /** They do not wait for one another, and hold up nobody. */
  private void assertManyFail(String warm) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE);
    long began = System.nanoTime();
    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      String path = ApiClient.KEYS + "/" + warm + (i % 2 == 0 ? "/rotate" : "/encrypt");
      String body = "{\"plaintext\":\"" + ApiClient.base64(TEXT) + "\"}";
      answers.add(clients.submit(() -> admin.post(path, body)));
    }
    assertEquals("down", store());
    for (Future<Answer> answer : answers) {
      answer.get().is(500, "InternalServerError", "Something went wrong");
    }
    clients.shutdown();
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "they waited for one another");
  }
}
