package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.audit.AuditException;

/** The audit log where the database, the disk or the server itself is away. */
class AuditOutageTest extends AuditFixture {
  private static final Path FULL_DISK = Path.of("/dev/full");

  @Test
  void aWarmEncryptIsRecordedWithoutTheDatabase() throws Exception {
    String key = admin.createKey("warm", "aes-256-gcm");
    admin.seal(key, TEXT);
    server.server().database().close();

    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(admin.encrypt(key, TEXT));
    }

    List<JsonNode> records = records();
    for (Answer answer : answers) {
      answer.ok();
      assertEquals(
          line("POST " + KEYS + "/{keyId}/encrypt", byAdmin(ofKey(key, "1"))),
          said(of(answer, records)));
    }
  }

  @Test
  void theLogGoesOnAfterARestart() throws Exception {
    int before = records().size();
    server = start("audit.log");

    ApiClient.admin(server.url(), home);

    assertEquals(before + 1, records().size());
  }

  @Nested
  class WhereTheLogCannotBeWritten {
    @Test
    void theServerDoesNotStartAndNamesIt() {
      server.close();

      AuditException refused = assertThrows(AuditException.class, () -> start("absent/audit.log"));

      assertTrue(
          String.valueOf(refused.getMessage())
              .contains(home.resolve("absent/audit.log").toString()),
          refused::getMessage);
    }

    @Test
    void nothingIsDoneAndNothingIsToldUntilItCan() throws Exception {
      Assumptions.assumeTrue(Files.exists(FULL_DISK), "there is no " + FULL_DISK);
      String key = admin.createKey("orders", "aes-256-gcm");
      server.close();
      Path log = home.resolve("full.log");
      Files.createSymbolicLink(log, FULL_DISK);
      server = start("full.log");
      ApiClient again = new ApiClient(server.url(), Optional.of(admin.token()));

      awaitStatus(500, again, key);
      again.encrypt(key, TEXT).is(500, "InternalServerError", "Something went wrong");
      assertTrue(raw("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").contains(" 500 "));
      again
          .post(KEYS + "/" + key + "/rotate", "")
          .is(500, "InternalServerError", "Something went wrong");
      again.get("/api/status").ok();
      Files.delete(log);
      awaitStatus(200, again, key);

      assertEquals(1, again.get(KEYS + "/" + key).ok().at("/key/version").asInt());
    }

    private void awaitStatus(int status, ApiClient client, String key) throws Exception {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (client.encrypt(key, TEXT).status() != status) {
        assertTrue(System.nanoTime() < deadline, "it takes too long");
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
