package org.kms4j.servlet;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;

/**
 * A virtual thread for each request, counted, so that who ends the server can wait for those under
 * way.
 *
 * <p>Wants JDK 21; throws {@link UnsupportedOperationException} before it.
 *
 * <p>Safe for use by many threads.
 */
final class VirtualWorkers extends VirtualThreadExecutor {
  private final AtomicInteger active = new AtomicInteger();

  VirtualWorkers() {
    super("kms-http-");
  }

  @Override
  public void execute(Runnable request) {
    active.incrementAndGet();
    super.execute(
        () -> {
          try {
            request.run();
          } finally {
            active.decrementAndGet();
          }
        });
  }

  /** How many are at work. */
  int active() {
    return active.get();
  }
}
