package org.kms4j.servlet.audit;

import java.util.function.Supplier;

/**
 * Takes the record of each request, before the request is answered.
 *
 * <p>Safe for use by many threads.
 */
public interface AuditLog extends AutoCloseable {
  /** Keeps nothing. */
  AuditLog NONE =
      new AuditLog() {
        @Override
        public void requireWritable() {}

        @Override
        public void record(AuditEvent event) {}

        @Override
        public void record(Supplier<AuditEvent> event) {}

        @Override
        public void close() {}
      };

  /**
   * Returns if records are taken; to be asked before anything is done that wants one.
   *
   * @throws AuditException if not
   */
  void requireWritable();

  /**
   * Takes a record; waits where there are more than can be written.
   *
   * @throws AuditException if it cannot be kept: then the request must not be answered as if it had
   */
  void record(AuditEvent event);

  /** Takes a record that is made only where records are kept. */
  default void record(Supplier<AuditEvent> event) {
    record(event.get());
  }

  /** Keeps all that was taken, and takes no more. */
  @Override
  void close();
}
