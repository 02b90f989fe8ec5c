package org.kms4j.servlet;

import jdk.jfr.FlightRecorder;

/**
 * A request as an event of the flight recorder (EVENTS.md).
 *
 * <p>Runs without the module {@code jdk.jfr}; and where nobody ever recorded, it costs one look at
 * a flag: the event's class, whose loading starts the recorder, stays unloaded.
 */
interface RequestTiming {
  /** Whether there is a flight recorder. */
  boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  /** What nobody records. */
  RequestTiming NONE = (requestId, route, status) -> {};

  /** Ends it, and records it if it took long enough. */
  void done(String requestId, String route, int status);

  /** A request has come. */
  static RequestTiming begin() {
    return PRESENT && FlightRecorder.isInitialized() ? RequestEvent.begun() : NONE;
  }
}
