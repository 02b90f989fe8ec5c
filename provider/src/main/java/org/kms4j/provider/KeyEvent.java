package org.kms4j.provider;

import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyMetadata;

/**
 * What the events of keys have in common. The flight recorder rewrites the methods of each event's
 * own class alone, so those call {@code begin} and {@code commit} themselves.
 */
abstract class KeyEvent extends Event {
  @Label("Key Id")
  @Description("The UUID that names the key for life")
  @Nullable String keyId;

  @Label("Version")
  @Description("The key version; 0 if there is no such key")
  int version;

  @Label("Algorithm")
  @Description("What the key computes with; absent if there is no such key")
  @Nullable String algorithm;

  /** Fills in what is known of the key. */
  public final void about(KeyMetadata key, int version) {
    this.version = version;
    this.algorithm = key.algorithm().text();
  }
}
