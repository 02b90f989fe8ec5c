package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;

/** The checker of histories finds what it is to find, and nothing else. */
class HistoryCheckTest {
  private static History history(String... lines) {
    History history = new History();
    history.add("p", List.of(lines));
    return history;
  }

  private static int violations(String... lines) {
    return history(lines).violations().size();
  }

  private static String sealed(long began, long ended, int version) {
    int bytes = History.PLAINTEXT_BYTES + History.XAES_OVERHEAD;
    byte[] message = ByteBuffer.allocate(bytes).putInt(1, version).array();
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

  @Test
  void versionThatWasToldAndIsNotInTheStoreIsFound() {
    History told = history("rotated k 10 20 2 .", "rotated k 11 21 3", sealed(22, 23, 4));

    assertEquals(2, told.lost("k", Set.of(1, 3)).size());
    assertEquals(0, told.lost("k", Set.of(1, 2, 4)).size(), "3 was never acknowledged");
  }

  @Test
  void messageThatDoesNotOpenToWhatWasSealedIsFound() {
    History told = history(sealed(1, 2, 1), sealed(3, 4, 2), "sealed k 5 6 AAAA");
    byte[] right = new byte[History.PLAINTEXT_BYTES];

    assertEquals(0, told.unopened(message -> right).size());
    assertEquals(1, told.unopened(m -> m.version() == 1 ? right : new byte[1]).size());
    List<String> refused =
        told.unopened(
            message -> {
              throw new AEADBadTagException();
            });
    assertEquals(2, refused.size());
  }
}
