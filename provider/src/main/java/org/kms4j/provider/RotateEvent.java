package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A key got new material; version is the new one. */
@Name("org.kms4j.Rotate")
@Label("Rotate")
@Description("A key got new material")
@Category({"kms4j", "Keys"})
@StackTrace(false)
final class RotateEvent extends KeyEvent implements Timing {
  static Timing begin(UUID keyId) {
    RotateEvent event = new RotateEvent();
    if (!event.isEnabled()) {
      return NONE;
    }
    event.keyId = keyId.toString();
    event.begin();
    return event;
  }

  @Override
  public void done() {
    commit();
  }
}
