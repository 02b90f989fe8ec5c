package org.kms4j.servlet.errand;

import java.io.PrintStream;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.provider.Keyring;

/**
 * Takes keys in under the ids that they had, so that callers go on.
 *
 * <p>A key that is there with the same material is left as it is, so an errand that was broken off
 * is done again from the beginning; one that is there with other material is a fault.
 *
 * <p>For use by one thread.
 */
final class KeyIntake {
  private final Keyring keyring;
  private final PrintStream out;
  private int there;
  private int made;

  KeyIntake(Keyring keyring, PrintStream out) {
    this.keyring = keyring;
    this.out = out;
  }

  /** Of the arrivals those that are not here yet; writes nothing. */
  List<Arrival> missing(List<Arrival> arrivals, Faults faults) {
    List<Arrival> missing = new ArrayList<>();
    Set<UUID> ids = new HashSet<>();
    Set<List<String>> names = new HashSet<>();
    for (Arrival arrival : arrivals) {
      if (!ids.add(arrival.keyId())) {
        faults.add(arrival.place(), "key id " + arrival.keyId() + " is given twice");
      } else if (!names.add(List.of(arrival.spec().project(), arrival.spec().name()))) {
        faults.add(arrival.place(), "the name is given twice");
      } else {
        Optional<KeyMetadata> found = found(arrival.keyId());
        if (found.isEmpty()) {
          named(arrival)
              .ifPresentOrElse(
                  other -> faults.add(arrival.place(), nameTaken(other)),
                  () -> missing.add(arrival));
        } else if (isSame(found.get(), arrival)) {
          sayThere(found.get());
        } else {
          faults.add(arrival.place(), idTaken(arrival));
        }
      }
    }
    return missing;
  }

  /**
   * Makes keys of them, each whole or not at all.
   *
   * @throws IllegalArgumentException if another process took an id or a name meanwhile
   */
  void take(List<Arrival> missing) {
    Faults late = new Faults();
    for (Arrival arrival : missing) {
      try {
        keyring.importKey(arrival.keyId(), arrival.spec(), arrival.state(), arrival.versions());
        made++;
        out.println("imported: " + arrival.spec().name() + " " + arrival.keyId());
      } catch (KeyNameTakenException | InvalidKeyException e) {
        found(arrival.keyId())
            .filter(now -> isSame(now, arrival))
            .ifPresentOrElse(
                this::sayThere,
                () -> late.add(arrival.place(), "another process took its id or name"));
      } catch (RuntimeException e) {
        out.println(made + " keys were imported before the store failed: run it again");
        throw e;
      }
    }
    late.requireNone("these were not imported, " + made + " others were:");
  }

  /** Says how many. */
  void summarise(Faults leftOut) {
    leftOut.lines().forEach(line -> out.println("left out: " + line));
    out.println(
        "%d imported, %d there already, %d left out"
            .formatted(made, there, leftOut.lines().size()));
  }

  private void sayThere(KeyMetadata key) {
    there++;
    out.println(
        "there already: %s %s, in project %s".formatted(key.name(), key.id(), key.project()));
  }

  private Optional<KeyMetadata> found(UUID keyId) {
    try {
      return Optional.of(keyring.describe(keyId));
    } catch (KeyNotFoundException e) {
      return Optional.empty();
    }
  }

  private Optional<KeyMetadata> named(Arrival arrival) {
    return keyring.findByName(arrival.spec().project(), arrival.spec().name());
  }

  private boolean isSame(KeyMetadata key, Arrival arrival) {
    if (key.algorithm() != arrival.spec().algorithm()) {
      return false;
    }
    try {
      for (byte[] material : arrival.versions()) {
        if (!keyring.holds(key.id(), material)) {
          return false;
        }
      }
      return true;
    } catch (InvalidKeyException e) {
      // It was deleted meanwhile: its material was checked, and the algorithm takes it.
      return false;
    }
  }

  private static String idTaken(Arrival arrival) {
    return "there is a key " + arrival.keyId() + " with other material already";
  }

  private static String nameTaken(KeyMetadata other) {
    return "project %s has a key of this name already, %s".formatted(other.project(), other.id());
  }
}
