package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker of histories finds what it is to find, and nothing else. */
class HistoryCheckTest {
  private static int violations(String... lines) {
    History history = new History();
    history.add(List.of(lines));
    return history.violations().size();
  }

  private static String sealed(long began, long ended, int version) {
    byte[] message = ByteBuffer.allocate(5).putInt(1, version).array();
    String text = Base64.getEncoder().encodeToString(message);
    return "sealed k %d %d %s .".formatted(began, ended, text);
  }

  @Test
  void sealThatBeganAfterAnAcknowledgedDisableIsFound() {
    assertEquals(1, violations("disabled k 10 20 .", sealed(21, 25, 1)));
    assertEquals(0, violations("disabled k 10 20 .", sealed(19, 25, 1)), "under way");
    assertEquals(0, violations("disabled k 10 20", sealed(21, 25, 1)), "never acknowledged");
    assertEquals(0, violations("disabled other 10 20 .", sealed(21, 25, 1)));
  }

  @Test
  void enableExcusesASealOnlyWhileItMayHaveHappened() {
    String off = "disabled k 10 20 .";
    assertEquals(0, violations(off, "enabling k 22 22 .", sealed(21, 25, 1)));
    assertEquals(1, violations(off, "enabling k 26 26 .", sealed(21, 25, 1)), "later");
    assertEquals(1, violations("enabling k 2 2 .", "enabled k 2 9 .", off, sealed(21, 25, 1)));
    assertEquals(0, violations("enabling k 2 2 .", off, sealed(21, 25, 1)), "of unknown outcome");
  }

  @Test
  void versionMadeTwiceIsFound() {
    assertEquals(1, violations("rotated k 10 20 2 .", "rotated k 11 21 2 ."));
    assertEquals(0, violations("rotated k 10 20 2 .", "rotated k 11 21 3 ."));
  }

  @Test
  void sealUnderAVersionBeforeAnAcknowledgedRotationIsFound() {
    assertEquals(1, violations("rotated k 10 20 2 .", sealed(21, 22, 1)));
    assertEquals(0, violations("rotated k 10 20 2 .", sealed(20, 22, 1)));
    assertEquals(1, violations("rotated k 10 20 3 .", "rotated k 9 30 2 .", sealed(31, 32, 2)));
    assertEquals(0, violations("rotated k 10 20 2 .", sealed(21, 22, 2)));
  }
}
