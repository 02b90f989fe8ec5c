package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A key version was unwrapped; takes as long as the root key does. */
@Name("org.kms4j.Unwrap")
@Label("Unwrap")
@Description("A key version was unwrapped under the root key")
@Category({"kms4j", "Keys"})
@StackTrace(false)
final class UnwrapEvent extends KeyEvent implements Timing {
  static Timing begin(UUID keyId) {
    UnwrapEvent event = new UnwrapEvent();
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
