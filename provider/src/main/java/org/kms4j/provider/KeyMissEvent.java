package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A key was not in memory; takes as long as the store does. Version is the primary. */
@Name("org.kms4j.KeyMiss")
@Label("Key Miss")
@Description("A key was not in memory and was read from the store")
@Category({"kms4j", "Keys"})
@StackTrace(false)
final class KeyMissEvent extends KeyEvent implements Timing {
  static Timing begin(UUID keyId) {
    KeyMissEvent event = new KeyMissEvent();
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
