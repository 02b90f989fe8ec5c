package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.ApiClient.Answer;

/** The event of EVENTS.md, as a real recording has it. */
class RequestEventTest extends ApiFixture {
  private static final String NAME = "org.kms4j.Request";

  @TempDir private Path folder;

  private static String id(Answer answer) {
    return answer.raw().headers().firstValue("x-request-id").orElseThrow();
  }

  private List<RecordedEvent> dump(Recording recording) throws Exception {
    recording.stop();
    Path file = folder.resolve("test.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(NAME))
        .toList();
  }

  private static RecordedEvent of(Answer answer, List<RecordedEvent> events) {
    List<RecordedEvent> found =
        events.stream().filter(e -> id(answer).equals(e.getString("requestId"))).toList();
    assertEquals(1, found.size(), () -> id(answer) + " in " + events);
    return found.get(0);
  }

  @Test
  void everyRequestIsRecordedOnceWhereItIsAskedForAndTellsNoSecret() throws Exception {
    String key = newKey();
    try (Recording recording = new Recording()) {
      recording.enable(NAME).withThreshold(Duration.ZERO);
      recording.start();

      Answer sealed = admin.encrypt(key, TEXT);
      Answer lost = admin.get("/api/secretpath");
      // On the same connection: it is served when the one before it has ended, and not only
      // answered.
      admin.get("/api/status");

      List<RecordedEvent> events = dump(recording);
      assertEquals("POST /api/v1/kms/keys/{keyId}/encrypt", of(sealed, events).getString("route"));
      assertEquals(200, of(sealed, events).getInt("status"));
      assertFalse(of(sealed, events).getDuration().isNegative());
      assertEquals("-", of(lost, events).getString("route"));
      assertEquals(404, of(lost, events).getInt("status"));
      for (RecordedEvent event : events) {
        assertFalse(event.toString().contains("secretpath") || event.toString().contains(key));
      }
    }
  }
}
