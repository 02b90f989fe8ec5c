package org.kms4j.provider;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.WrappedKey;
import org.kms4j.store.WrappedKeyStore;

/**
 * The budgets of the key versions that this process has in use.
 *
 * <p>They outlive the material: a key that leaves the cache, by age or because another process has
 * changed something, finds what it had leased when it comes back. One that was forgotten here costs
 * what was left of its block, never a seal too many.
 *
 * <p>Safe for use by many threads.
 */
final class SealBudgets {
  static final int MAX_REMEMBERED = 1 << 14;

  private final WrappedKeyStore store;
  private final SealLimit limit;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * By the wrapped material, in order of their last use. Not by key id and version: a key that was
   * deleted and imported anew under its id is counted anew, and must not spend what was leased for
   * the one before.
   */
  private final Map<ByteBuffer, SealBudget> budgets = new LinkedHashMap<>(16, 0.75f, true);

  SealBudgets(WrappedKeyStore store, SealLimit limit, LongSupplier nanoTime) {
    this.store = store;
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /** That of one version of a key for encrypt-decrypt. */
  SealBudget of(KeyMetadata key, WrappedKey version) {
    long most = key.algorithm() == KeyAlgorithm.XAES_256_GCM ? Long.MAX_VALUE : limit.seals();
    lock.lock();
    try {
      SealBudget budget =
          budgets.computeIfAbsent(
              ByteBuffer.wrap(version.bytes()),
              any -> new SealBudget(store, key.id(), version.version(), most, nanoTime));
      if (budgets.size() > MAX_REMEMBERED) {
        budgets.remove(budgets.keySet().iterator().next());
      }
      return budget;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return budgets.size();
    } finally {
      lock.unlock();
    }
  }
}
