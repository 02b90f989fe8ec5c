package org.kms4j.aead;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An engine was compared with the second implementation. */
@Name("org.kms4j.SelfTest")
@Label("Self-Test")
@Description("An engine was compared with a second implementation of AES-GCM")
@Category({"kms4j", "Engine"})
@StackTrace(false)
final class SelfTestEvent extends Event {
  @Label("Engine")
  @Description("The provider that computes, with its version")
  @Nullable String engine;

  @Label("Passed")
  @Description("Whether it may go on computing")
  boolean passed;

  /** Answers what is wrong, or null. */
  @FunctionalInterface
  interface Test {
    @Nullable String run() throws InterruptedException;
  }

  /** Runs the test, which answers what is wrong or null. */
  static @Nullable String during(Engine engine, Test test) throws InterruptedException {
    SelfTestEvent event = new SelfTestEvent();
    event.begin();
    String fault = test.run();
    event.engine = engine.name();
    event.passed = fault == null;
    event.commit();
    return fault;
  }
}
