package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.ApiClient.Answer;

/** Many clients at once on few keys: every answer is right, whatever the others do. */
class ConcurrencyTest {
  private static final int CLIENTS = 8;
  private static final int CALLS = 60;

  @Test
  void sealingOpeningRotatingAndRenamingDoNotDisturbEachOther(@TempDir Path home) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.start(home, Map.of("kms.http.port", "0"))) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      List<String> keys =
          List.of(
              admin.createKey("a", "aes-256-gcm"),
              admin.createKey("b", "aes-128-gcm"),
              admin.createKey("c", "xaes-256-gcm"));
      ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
      List<Future<Integer>> storms = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int seed = i;
        storms.add(clients.submit(() -> storm(ApiClient.admin(server.url(), home), keys, seed)));
      }
      clients.shutdown();
      assertTrue(clients.awaitTermination(2, TimeUnit.MINUTES));

      int rotations = 0;
      for (Future<Integer> storm : storms) {
        rotations += storm.get();
      }

      int versions = 0;
      for (String key : keys) {
        versions += admin.get(ApiClient.KEYS + "/" + key).ok().at("/key/version").asInt() - 1;
      }
      assertEquals(rotations, versions);
    }
  }

  /** Says how often it has rotated. */
  private static int storm(ApiClient client, List<String> keys, int seed) throws Exception {
    Random random = new Random(seed);
    int rotations = 0;
    for (int i = 0; i < CALLS; i++) {
      String key = keys.get(random.nextInt(keys.size()));
      byte[] plaintext = new byte[1 + random.nextInt(5_000)];
      random.nextBytes(plaintext);
      String sealed = client.seal(key, plaintext);
      int dice = random.nextInt(12);
      if (dice == 0) {
        client.post(ApiClient.KEYS + "/" + key + "/rotate", "{}").ok();
        rotations++;
      } else if (dice == 1) {
        client.patch(ApiClient.KEYS + "/" + key, "{\"description\":\"" + i + "\"}").ok();
      } else if (dice == 2) {
        Answer page = client.get(ApiClient.KEYS + "?projectId=" + project());
        assertEquals(keys.size(), page.ok().get("totalCount").asInt());
      }
      assertArrayEquals(plaintext, client.open(key, sealed));
    }
    return rotations;
  }

  private static String project() {
    return org.kms4j.key.KeyMetadata.DEFAULT_PROJECT;
  }
}
