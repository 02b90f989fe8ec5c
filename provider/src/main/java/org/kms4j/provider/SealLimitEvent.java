package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.kms4j.key.KeyAlgorithm;

/** A key version has sealed as often as it may; an instant. */
@Name("org.kms4j.SealLimit")
@Label("Seal Limit")
@Description("A key version has sealed as often as it may")
@Category({"kms4j", "Keys"})
@StackTrace(false)
final class SealLimitEvent extends KeyEvent {
  @Label("Seals")
  @Description("How many seals one version may make")
  long seals;

  @Label("Rotates")
  @Description("Whether the key rotates by itself; else it refuses")
  boolean rotates;

  static void emit(UUID keyId, int version, KeyAlgorithm algorithm, long seals, boolean rotates) {
    SealLimitEvent event = new SealLimitEvent();
    if (event.isEnabled()) {
      event.keyId = keyId.toString();
      event.version = version;
      event.algorithm = algorithm.text();
      event.seals = seals;
      event.rotates = rotates;
      event.commit();
    }
  }
}
