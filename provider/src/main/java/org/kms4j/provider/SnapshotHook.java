package org.kms4j.provider;

/**
 * Calls back in a process that was restored from a snapshot, where something tells of it.
 *
 * <p>{@code org.crac} is optional: without it this does nothing, and {@link Keyring#reseed} is the
 * caller's to call.
 */
interface SnapshotHook extends AutoCloseable {
  @Override
  void close();

  /** Must be held by the caller for as long as it shall be called. */
  static SnapshotHook register(Runnable afterRestore) {
    try {
      return CracHook.register(afterRestore);
    } catch (LinkageError e) {
      // org.crac is not there, or its module is not one that this one reads.
      return () -> {};
    }
  }
}
