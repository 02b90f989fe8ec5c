package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.store.Database;
import org.kms4j.store.JdbcStore;

/** What a client is told of how far a revocation has come, over a real socket. */
class RevocationApiTest extends ApiFixture {
  /** Beyond the 8 s for which an answer is held, and what a busy machine takes to ask once more. */
  private static final Duration LEASE = Duration.ofSeconds(13);

  private static Optional<String> revocation(Answer answer) {
    answer.ok();
    return answer.raw().headers().firstValue("x-kms-revocation");
  }

  @Test
  void whatTakesSomethingFromAKeySaysThatAllHaveConfirmed() throws Exception {
    String key = KEYS + "/" + newKey();
    Optional<String> confirmed = Optional.of("confirmed");

    assertEquals(confirmed, revocation(admin.post(key + "/rotate", "{}")));
    assertEquals(confirmed, revocation(admin.patch(key, body("{'isDisabled':true}"))));
    assertEquals(confirmed, revocation(admin.delete(key)));
  }

  @Test
  void whatTakesNothingDoesNotSpeakOfIt() throws Exception {
    String key = KEYS + "/" + newKey();

    assertEquals(Optional.empty(), revocation(admin.patch(key, "{}")));
    assertEquals(Optional.empty(), revocation(admin.patch(key, body("{'description':'new'}"))));
    assertEquals(Optional.empty(), revocation(admin.patch(key, body("{'isDisabled':false}"))));
    assertEquals(Optional.empty(), revocation(admin.get(key)));
  }

  private static JsonNode pending() throws Exception {
    return admin.get("/api/status").ok().path("pendingRevocations");
  }

  private static void awaitNonePending() throws Exception {
    long began = System.nanoTime();
    while (!pending().isMissingNode()) {
      assertTrue(System.nanoTime() - began < TimeUnit.MINUTES.toNanos(1), "pending for ever");
    }
  }

  @Test
  void serverThatDoesNotConfirmIsWaitedForAndThenPending() throws Exception {
    String keyId = newKey();
    String key = KEYS + "/" + keyId;
    UUID silent = UUID.randomUUID();
    try (Database database = Database.open("jdbc:sqlite:" + home.resolve("kms.db"))) {
      JdbcStore store = JdbcStore.open(database);
      store.join(silent, store.epoch(), LEASE);
      try {
        long began = System.nanoTime();

        Answer answer = admin.patch(key, body("{'isDisabled':true}"));

        long waited = System.nanoTime() - began;
        assertEquals(Optional.of("pending"), revocation(answer));
        assertTrue(answer.body().get("key").get("isDisabled").asBoolean());
        assertTrue(waited >= TimeUnit.SECONDS.toNanos(8), "answered after " + waited + " ns");
        JsonNode one = pending().get(0);
        assertEquals(keyId, one.get("keyId").asText());
        assertEquals(silent.toString(), one.get("awaitedNodes").get(0).asText());
        assertEquals(1, one.get("awaitedNodes").size());
        awaitNonePending();
        assertTrue(System.nanoTime() - began >= LEASE.toNanos(), "not waited for");
      } finally {
        store.leave(silent);
      }
      assertEquals(
          Optional.of("confirmed"), revocation(admin.patch(key, body("{'isDisabled':true}"))));
    }
  }
}
