package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.RawAnswers.RawAnswer;

/**
 * Requests that nobody should send, on several connections at once: each that is answered by the
 * servlet has one record, and that says what the answer said.
 */
class HostileAuditTest {
  private static final int THREADS = 4;
  private static final int REQUESTS = 500;
  private static final long SEED = Long.getLong("test.seed", 20_261_127);

  private record Told(String target, JsonNode body) {}

  @Test
  void everyErrorIsOnRecordOnceAsItWasTold(@TempDir Path home) throws Exception {
    System.out.println("[hostile audit] seed " + SEED);
    List<Told> told = new ArrayList<>();
    try (EmbeddedServer server =
        EmbeddedServer.start(home, Map.of("kms.http.port", "0", "kms.http.audit", "audit.log"))) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String key = admin.createKey("hostile", "aes-256-gcm");
      ExecutorService pool = Executors.newFixedThreadPool(THREADS);
      try {
        List<Future<List<Told>>> all = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
          HostileRequests requests = new HostileRequests(new Random(SEED + t), admin.token(), key);
          all.add(pool.submit(() -> ask(server.url(), requests)));
        }
        for (Future<List<Told>> one : all) {
          told.addAll(one.get());
        }
      } finally {
        pool.shutdownNow();
      }
    }

    Map<String, JsonNode> records = new HashMap<>();
    for (String line : Files.readAllLines(home.resolve("audit.log"), StandardCharsets.US_ASCII)) {
      JsonNode record = ApiClient.JSON.readTree(line);
      JsonNode before = records.put(record.get("reqId").asText(), record);
      assertEquals(null, before, () -> before + " and " + record);
    }
    int found = 0;
    for (Told one : told) {
      Optional<JsonNode> record =
          Optional.ofNullable(records.get(one.body().get("reqId").asText()));
      // What Tomcat refuses as no HTTP has never been a request; docs and status leave no record.
      boolean mayLack =
          one.body().get("statusCode").asInt() == 400
              || one.target().matches("/+api/+(docs|status).*");
      assertTrue(record.isPresent() || mayLack, one::toString);
      if (record.isPresent()) {
        found++;
        assertEquals(one.body().get("statusCode"), record.get().get("status"));
        assertEquals(one.body().get("error"), record.get().get("error"));
      }
    }
    System.out.println("[hostile audit] " + found + " of " + told.size() + " errors on record");
    assertTrue(found > told.size() / 2, found + " of " + told.size());
  }

  private static List<Told> ask(String url, HostileRequests requests) throws Exception {
    List<Told> told = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      HostileRequests.Request request = requests.next();
      byte[] bytes = RawAnswers.exchange(url, request.bytes());
      for (RawAnswer answer : RawAnswers.read(bytes, request.isHead()).all()) {
        if (answer.status() >= 400 && answer.body().startsWith("{")) {
          told.add(new Told(request.target(), ApiClient.JSON.readTree(answer.body())));
        }
      }
    }
    return told;
  }
}
