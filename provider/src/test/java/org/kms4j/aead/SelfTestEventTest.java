package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfTestEventTest {
  @Test
  void eachTestIsRecordedWithItsEngineAndItsOutcome(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("test.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      SelfTestEvent.during(Engine.sunJce(), () -> null);
      SelfTestEvent.during(Engine.sunJce(), () -> "wrong");
      recording.stop();
      recording.dump(file);
    }

    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("org.kms4j.SelfTest"))
            .filter(event -> event.getThread().getJavaName().equals(here()))
            .toList();

    assertEquals(2, events.size());
    assertEquals(Engine.sunJce().name(), events.get(0).getString("engine"));
    assertTrue(events.get(0).getBoolean("passed"));
    assertFalse(events.get(1).getBoolean("passed"));
    assertFalse(events.get(1).toString().contains("wrong"));
  }

  private static String here() {
    return Thread.currentThread().getName();
  }
}
