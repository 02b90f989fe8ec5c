package org.kms4j.servlet.errand;

import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.kms4j.key.KeyState;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.route.MaterialForm;

/**
 * A key that moves here, whose material was checked: there is none that an import would not take.
 *
 * <p>For use by one thread, which wipes it.
 */
final class Arrival {
  private final String place;
  private final UUID keyId;
  private final NewKeySpec spec;
  private final KeyState state;
  private final List<byte[]> versions;

  private Arrival(
      String place, UUID keyId, NewKeySpec spec, KeyState state, List<byte[]> versions) {
    this.place = place;
    this.keyId = keyId;
    this.spec = spec;
    this.state = state;
    this.versions = versions;
  }

  /**
   * Checks the material.
   *
   * @param place names the key in messages
   * @param forms all versions, oldest first, as {@link MaterialForm} has them; wiped
   * @throws InvalidKeyException if the algorithm does not take it
   */
  static Arrival of(String place, UUID keyId, NewKeySpec spec, KeyState state, List<byte[]> forms)
      throws InvalidKeyException {
    Arrival arrival = new Arrival(place, keyId, spec, state, new ArrayList<>());
    boolean good = false;
    try {
      for (byte[] form : forms) {
        byte[] material = MaterialForm.read(spec.algorithm(), form);
        arrival.versions.add(material);
        spec.requireMaterial(material);
      }
      good = true;
      return arrival;
    } finally {
      forms.forEach(form -> Arrays.fill(form, (byte) 0));
      if (!good) {
        arrival.wipe();
      }
    }
  }

  String place() {
    return place;
  }

  UUID keyId() {
    return keyId;
  }

  NewKeySpec spec() {
    return spec;
  }

  KeyState state() {
    return state;
  }

  /** As a keyring takes them; not copies. */
  List<byte[]> versions() {
    return versions;
  }

  void wipe() {
    versions.forEach(material -> Arrays.fill(material, (byte) 0));
  }
}
