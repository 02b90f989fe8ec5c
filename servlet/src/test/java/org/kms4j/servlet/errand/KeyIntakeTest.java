package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyState;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.store.StoreException;

/** Keys that arrive while others do the same, or while the store goes away. */
class KeyIntakeTest extends HomeCase {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Faults faults = new Faults();
  private List<Arrival> arrivals = List.of();

  @BeforeEach
  void makeArrivals() throws Exception {
    arrivals = List.of(arrival(KEY_ID, "a", 1), arrival(UUID.randomUUID(), "b", 2));
  }

  private static Arrival arrival(UUID keyId, String name, int seed) throws Exception {
    NewKeySpec spec = new NewKeySpec(PROJECT, name, "", KeyAlgorithm.AES_256_GCM, true);
    List<byte[]> forms = new ArrayList<>(List.of(material(seed, 32)));
    return Arrival.of(name, keyId, spec, KeyState.ENABLED, forms);
  }

  private KeyIntake intake(OpenHome home) {
    return new KeyIntake(home.keyring(), new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void ofTwoThatDoTheSameAtOnceEachFindsAllThere() throws Exception {
    try (OpenHome home = open(here);
        OpenHome other = open(here)) {
      KeyIntake intake = intake(home);
      List<Arrival> missing = intake.missing(arrivals, faults);
      for (Arrival arrival : arrivals) {
        other
            .keyring()
            .importKey(arrival.keyId(), arrival.spec(), arrival.state(), arrival.versions());
      }

      intake.take(missing);
      intake.summarise(faults);
    }

    assertEquals("0 imported, 2 there already, 0 left out", lines().get(2));
  }

  @Test
  void aNameThatWasTakenMeanwhileIsNamedAndTheOthersAreTaken() throws Exception {
    try (OpenHome home = open(here);
        OpenHome other = open(here)) {
      KeyIntake intake = intake(home);
      List<Arrival> missing = intake.missing(arrivals, faults);
      create(other, "a", KeyAlgorithm.AES_256_GCM, true);

      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> intake.take(missing));

      assertEquals(
          "these were not imported, 1 others were:\n  a: another process took its id or name",
          e.getMessage());
      assertTrue(home.keyring().findByName(PROJECT, "b").isPresent());
    }
  }

  @Test
  void aStoreThatFailsIsSaidToHaveSoManyAlready() throws Exception {
    OpenHome home = open(here);
    KeyIntake intake = intake(home);
    List<Arrival> missing = intake.missing(arrivals, faults);
    home.close();

    assertThrows(StoreException.class, () -> intake.take(missing));

    assertEquals(List.of("0 keys were imported before the store failed: run it again"), lines());
  }

  @Test
  void whatIsWipedIsGone() {
    arrivals.forEach(Arrival::wipe);

    for (Arrival arrival : arrivals) {
      assertArrayEquals(new byte[32], arrival.versions().get(0));
    }
  }
}
