package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What is said of faulty keys. */
class FaultsTest {
  @Test
  void aNameIsShownIfItIsOneThatAKeyMayHave() {
    assertEquals("entry 1 (orders)", Faults.place("entry 1", "orders"));
    assertEquals("entry 1", Faults.place("entry 1", ""));
    assertEquals("entry 1", Faults.place("entry 1", "\u001b[2J"));
    assertEquals("entry 1", Faults.place("entry 1", "x".repeat(256)));
  }

  @Test
  void allAreToldTogetherALineEach() {
    Faults faults = new Faults();
    faults.requireNone("nothing:");
    faults.add("a", "x");
    faults.add("b", "y");

    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> faults.requireNone("nothing:"));

    assertEquals("nothing:\n  a: x\n  b: y", e.getMessage());
  }
}
