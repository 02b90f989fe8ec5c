package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.RawAnswers.RawAnswer;

/**
 * Ten thousand requests that nobody should send, and some that anybody does, from a seed: each is
 * answered in JSON as the document says, none with a 500, and the server then serves as before.
 *
 * <p>Another seed by {@code -Dtest.seed=…}; it is printed.
 */
class HostileRequestsTest extends ApiFixture {
  private static final int REQUESTS = 10_000;
  private static final long SEED = Long.getLong("test.seed", 20_261_125);
  private static final Set<Integer> STATUSES = Set.of(200, 400, 401, 403, 404, 422);

  @Test
  void everyOneIsAnsweredAsTheDocumentSays() throws Exception {
    System.out.println("[hostile requests] seed " + SEED);
    HostileRequests requests = new HostileRequests(new Random(SEED), admin.token(), newKey());
    Map<Integer, Integer> seen = new TreeMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      HostileRequests.Request request = requests.next();
      String what = "request " + i + " of seed " + SEED + ": " + request;
      RawAnswers answers =
          RawAnswers.read(RawAnswers.exchange(server.url(), request.bytes()), request.isHead());
      assertFalse(answers.all().isEmpty(), () -> what + " has no answer");
      seen.merge(answers.all().get(0).status(), 1, Integer::sum);
      check(request, answers.all().get(0), what + " -> " + answers);
      // What follows was to be the rest of a body, and is no request.
      for (RawAnswer answer : answers.all().subList(1, answers.all().size())) {
        assertEquals(400, answer.status(), () -> what + " -> " + answers);
        Contract.OURS.check("", "", 400, ApiClient.JSON.readTree(answer.body()));
      }
    }
    System.out.println("[hostile requests] answers by status: " + seen);
    assertTrue(seen.keySet().containsAll(STATUSES), () -> "the requests are too tame: " + seen);
    assertEquals("attack at dawn", new String(open(), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void theSeedSaysAllOfThem() {
    HostileRequests some = new HostileRequests(new Random(SEED), "token", UNKNOWN);
    HostileRequests same = new HostileRequests(new Random(SEED), "token", UNKNOWN);
    for (int i = 0; i < 1_000; i++) {
      assertEquals(some.next().text(), same.next().text());
    }
  }

  private static byte[] open() throws Exception {
    String key = newKey();
    return admin.open(key, admin.seal(key, TEXT));
  }

  /** As the document says of the operation that was meant, whoever refused the request. */
  private static void check(HostileRequests.Request request, RawAnswer answer, String what)
      throws IOException {
    assertTrue(STATUSES.contains(answer.status()), what);
    assertFalse(answer.body().contains("\tat "), what);
    assertTrue(request.isHead() || !answer.body().isEmpty(), what);
    boolean json = answer.type().equals("application/json;charset=utf-8");
    JsonNode body =
        json && !answer.body().isEmpty()
            ? ApiClient.JSON.readTree(answer.body())
            : ApiClient.JSON.missingNode();
    Contract.OURS.check(request.method(), request.target(), answer.status(), answer.type(), body);
  }
}
