package org.kms4j.provider;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * What a keyring remembers of its store, and whether it may act on that.
 *
 * <p>Threat: a key revoked by another process that goes on serving here. Whatever is used is first
 * confirmed: a lease holds ({@link NodeLease}), and what the lease was last renewed for has been
 * dropped. A key that is not strict is not defended while the store is away: if it is remembered,
 * it serves without a lease.
 *
 * <p>Safe for use by many threads.
 */
final class Memory implements AutoCloseable {
  private static final int REFILLS = 16;

  private final WrappedKeyStore store;
  private final KeyMaterialCache cache;
  private final KeyMaterialCache.Loader loader;
  private final Runnable freshen;
  private final Census census;
  private final PendingRevocations pending;
  private final NodeLease lease;
  private final EpochWatch watch;

  /**
   * Begins to remember, and joins the nodes of the store.
   *
   * @param loader reads a key that is not remembered
   * @param freshen runs a few times a second; must be quick
   */
  Memory(
      WrappedKeyStore store,
      Pace pace,
      KeyMaterialCache cache,
      KeyMaterialCache.Loader loader,
      Runnable freshen) {
    this.store = store;
    this.cache = cache;
    this.loader = loader;
    this.freshen = freshen;
    this.census = new Census(store, System::nanoTime);
    this.pending = new PendingRevocations(census, System::nanoTime);
    this.lease = new NodeLease(store, pace.lease(), System::nanoTime, cache::forgetAll);
    this.watch =
        EpochWatch.start(
            "kms-keyring", pace.poll(), store::epoch, this::forget, this::tend, this::answered);
    store.onChange(watch::wake);
  }

  /** Wipes what has changed; all, if the store cannot tell what that was. */
  private void forget(long after, long upTo) {
    store.changed(after, upTo).ifPresentOrElse(k -> k.forEach(cache::forget), cache::forgetAll);
  }

  /** What has grown old leaves now, when it can be loaded again: not while the store is away. */
  private long answered(long asked, long epoch) {
    long end = lease.end(asked, epoch);
    cache.expire(System.nanoTime());
    return end;
  }

  private void tend() {
    freshen.run();
    census.sweep(lease.lease().dividedBy(3));
    if (!pending.isEmpty() && watch.answered()) {
      pending.tend(watch::askNow);
    }
    refill(cache.loaded());
  }

  /**
   * Keeps seals in reserve for what is in use, of some keys at a time: this thread has more to do.
   */
  private void refill(List<ResolvedKey> keys) {
    if (keys.isEmpty() || !watch.answered()) {
      return;
    }
    int asked = 0;
    try {
      for (ResolvedKey key : keys) {
        asked += key.refill() ? 1 : 0;
        if (asked == REFILLS) {
          return;
        }
      }
    } catch (KeyNotFoundException | StoreException e) {
      // Whoever needs it is told.
    }
  }

  /** What waits for all nodes. */
  Confirmation confirmation() {
    return new Confirmation(pending, watch::askNow, lease.lease());
  }

  /** What is not confirmed by all nodes yet. */
  List<Revocation> pending() {
    return pending.list();
  }

  /** As which node it remembers. */
  UUID node() {
    return lease.node();
  }

  /** The key, whatever it may be used for. */
  ResolvedKey find(UUID keyId) throws KeyNotFoundException {
    return find(keyId, null);
  }

  /**
   * The key, if it may serve for this; {@code known}, of whatever key, saves the look-up until the
   * cache has wiped it.
   */
  ResolvedKey resolve(UUID keyId, KeyUsage usage, @Nullable ResolvedKey known)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    ResolvedKey key = find(keyId, known);
    key.metadata().requireServing(usage);
    return key;
  }

  /** The material of its primary version, if the key may serve for this. */
  KeyMaterial primary(UUID keyId, KeyUsage usage)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    while (true) {
      try {
        return resolve(keyId, usage, null).primary();
      } catch (DestroyedKeyException e) {
        // It left the cache as it was resolved: once more.
      }
    }
  }

  private ResolvedKey find(UUID keyId, @Nullable ResolvedKey known) throws KeyNotFoundException {
    long now = System.nanoTime();
    confirm(now, keyId);
    return known != null && known.serves(keyId, now) ? known : cache.get(now, keyId, loader);
  }

  /** Whether the cache still holds this, which was resolved before, and nothing else of its key. */
  boolean stillServes(@Nullable ResolvedKey known) {
    if (known == null) {
      return false;
    }
    long now = System.nanoTime();
    confirm(now, known.metadata().id());
    return known.serves(now);
  }

  /** As {@link EpochWatch#answered}. */
  boolean storeAnswers() {
    return watch.answered();
  }

  /** Returns if the lease holds; else asks for another, and wipes what others have changed. */
  void confirm() {
    watch.confirm(System.nanoTime());
  }

  /** The same for an operation under this key, which may need no lease. */
  void confirm(UUID keyId) {
    confirm(System.nanoTime(), keyId);
  }

  private void confirm(long now, UUID keyId) {
    if (!watch.holds(now)) {
      confirmStale(keyId);
    }
  }

  private void confirmStale(UUID keyId) {
    if (watch.failed() && outlivesTheLease(keyId)) {
      // The watch goes on asking: no message waits for a store that is known to be away.
      return;
    }
    try {
      confirm();
    } catch (StoreException e) {
      if (!outlivesTheLease(keyId)) {
        throw e;
      }
    }
  }

  private boolean outlivesTheLease(UUID keyId) {
    return cache.peek(keyId).map(key -> !key.metadata().strict()).orElse(false);
  }

  /** Asks at once, for who met a version that is not known here. */
  void confirmNow() {
    watch.askNow();
  }

  /**
   * To be called in each of the processes that were one: none may live on the other's lease, nor on
   * what it remembers, which may be old.
   */
  void copied() {
    lease.copied();
    watch.lapse();
    cache.forgetAll();
  }

  /** For {@link #confirmSince}. */
  int tick() {
    return watch.tick();
  }

  /** {@link #confirm} for an operation that was begun at this tick: nothing if that is just now. */
  void confirmSince(int tick, UUID keyId) {
    if (tick != watch.tick()) {
      confirm(keyId);
    }
  }

  /** Forgets all; then leaves the nodes, since nothing begins here any more. */
  @Override
  public void close() {
    watch.close();
    cache.close();
    lease.close();
  }
}
