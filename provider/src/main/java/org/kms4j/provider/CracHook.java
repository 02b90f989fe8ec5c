package org.kms4j.provider;

import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Registered with CRaC (Coordinated Restore at Checkpoint). Loads only where {@code org.crac} is
 * present; {@link SnapshotHook} minds that.
 *
 * <p>A context holds its resources weakly, by the contract of {@link Context#register}; one that
 * did not would hold no keyring that is closed.
 */
final class CracHook implements Resource, SnapshotHook {
  private volatile @Nullable Runnable afterRestore;

  private CracHook(Runnable afterRestore) {
    this.afterRestore = afterRestore;
  }

  static SnapshotHook register(Runnable afterRestore) {
    return register(Core.getGlobalContext(), afterRestore);
  }

  static SnapshotHook register(Context<Resource> context, Runnable afterRestore) {
    CracHook hook = new CracHook(afterRestore);
    context.register(hook);
    return hook;
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) {
    // What the image holds does not matter: the restored process draws nothing from it.
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) {
    Runnable call = afterRestore;
    if (call != null) {
      call.run();
    }
  }

  @Override
  public void close() {
    afterRestore = null;
  }
}
