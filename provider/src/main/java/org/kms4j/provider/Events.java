package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.FlightRecorder;
import org.kms4j.key.KeyAlgorithm;

/**
 * The way to the events of the flight recorder (EVENTS.md). Nothing here is called where a key is
 * in use already.
 *
 * <p>Runs without the module {@code jdk.jfr}; and where that is there and nobody ever recorded, it
 * costs one look at a flag: the event classes, whose loading starts the recorder, stay unloaded.
 *
 * <p>Threat: secrets in a recording, which is a file for others to read. An event has a key id, a
 * version, names and counts, and nothing that was computed.
 */
final class Events {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Events() {}

  private static boolean recorded() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /** A key is about to be read from the store. */
  static Timing keyMiss(UUID keyId) {
    return recorded() ? KeyMissEvent.begin(keyId) : Timing.NONE;
  }

  /** A key version is about to be unwrapped. */
  static Timing unwrap(UUID keyId) {
    return recorded() ? UnwrapEvent.begin(keyId) : Timing.NONE;
  }

  /** A key is about to get its next version. */
  static Timing rotate(UUID keyId) {
    return recorded() ? RotateEvent.begin(keyId) : Timing.NONE;
  }

  /** Material of a key is about to be handed out. */
  static Timing export(UUID keyId) {
    return recorded() ? ExportEvent.begin(keyId) : Timing.NONE;
  }

  /**
   * A key version has sealed as often as it may.
   *
   * @param seals how often that is
   * @param rotates whether the key rotates by itself, or refuses
   */
  static void sealLimit(
      UUID keyId, int version, KeyAlgorithm algorithm, long seals, boolean rotates) {
    if (recorded()) {
      SealLimitEvent.emit(keyId, version, algorithm, seals, rotates);
    }
  }
}
