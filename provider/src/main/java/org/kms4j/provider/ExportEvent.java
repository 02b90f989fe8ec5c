package org.kms4j.provider;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Material of a key is handed out; version is the one that leaves. */
@Name("org.kms4j.Export")
@Label("Export")
@Description("The material of a key was handed out")
@Category({"kms4j", "Keys"})
@StackTrace(false)
final class ExportEvent extends KeyEvent implements Timing {
  static Timing begin(UUID keyId) {
    ExportEvent event = new ExportEvent();
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
