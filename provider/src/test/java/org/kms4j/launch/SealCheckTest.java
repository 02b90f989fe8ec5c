package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kms4j.launch.SealCheck.Lease;

/** The checker of seals finds what it is to find, and nothing else. */
class SealCheckTest {
  private static final int LIMIT = 20;
  private static final int BLOCK = 10;

  private final History history = new History();
  private final List<Lease> leases = new ArrayList<>();

  private void seal(String process, int version, int times) {
    int overhead = version == 1 ? History.V01_OVERHEAD : History.V02_OVERHEAD;
    ByteBuffer message = ByteBuffer.allocate(History.PLAINTEXT_BYTES + overhead);
    if (version > 1) {
      message.putInt(message.capacity() - 7, version);
    }
    String text = Base64.getEncoder().encodeToString(message.array());
    for (int i = 0; i < times; i++) {
      history.add(process, List.of("sealed k 1 2 " + text + " ."));
    }
  }

  private void lease(String process, int version, int seals) {
    leases.add(new Lease(new History.Holder(process, version), seals));
  }

  private void use(String process, int version, int leased, int sealed) {
    lease(process, version, leased);
    seal(process, version, sealed);
  }

  private void assertFound(String... words) {
    List<String> found = new SealCheck(history, "k", leases, LIMIT, BLOCK).violations();

    assertEquals(words.length, found.size(), found.toString());
    for (String word : words) {
      assertEquals(1, found.stream().filter(v -> v.contains(word)).count(), found.toString());
    }
  }

  @Test
  void nothingIsFoundWhereTwoProcessesKeepToTheLimitOfEachVersion() {
    use("p", 1, 10, 10);
    use("q", 1, 10, 10);
    use("q", 2, 10, 3);
    history.add("q", List.of("refused k 1 2 1 ."));

    assertFound();
  }

  @Test
  void sealMoreThanTheLimitIsFound() {
    use("p", 1, 10, 10);
    use("q", 1, 20, 10);
    assertFound("leased 30 times");

    seal("q", 1, 1);
    assertFound("leased 30 times", "sealed 21 times");
  }

  @Test
  void sealThatItsProcessHadNotLeasedIsFound() {
    use("p", 1, 10, 11);
    use("q", 1, 10, 9);

    assertFound("sealed 1 more");
  }

  @Test
  void versionThatIsLeftOrRefusedBeforeItIsSpentIsFound() {
    use("p", 1, 10, 10);
    assertFound();

    history.add("q", List.of("refused k 1 2 1 ."));
    assertFound("version 1 of k was given up at 10");

    lease("p", 2, 10);
    assertFound("version 1 of k was given up at 10");
  }

  @Test
  void versionThatIsSkippedIsFound() {
    use("p", 1, 20, 20);
    use("p", 3, 10, 1);

    assertFound("version 3 of k follows upon 1", "version 2 of k was given up at 0");
  }

  @Test
  void moreThanABlockWastedIsFound() {
    use("p", 1, 20, 6);
    assertFound();

    lease("p", 2, 10);
    use("q", 2, 10, 10);
    assertFound();

    use("p", 3, 20, 5);
    assertFound("wasted 15 of 20");

    history.add("p", List.of("failed k 1 2 ."));
    assertFound();
  }
}
