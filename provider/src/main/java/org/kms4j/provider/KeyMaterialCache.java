package org.kms4j.provider;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyNotFoundException;

/**
 * Holds the keys that are in use with their unwrapped versions, so that the hot path does no I/O.
 *
 * <p>An entry leaves by age, by number, or by {@link #forget}, and is wiped as it leaves; who still
 * holds it finds it destroyed and resolves again. Two callers that miss on one key cause one load.
 * A load that {@link #forget} overtakes is thrown away and done again, so nothing that was read
 * before a change is kept after it.
 *
 * <p>Threat: a heap dump shows at most {@link #MAX_ENTRIES} keys, none older than {@link #MAX_AGE}
 * while the store answers: until then what is in use could not be loaded again, so it stays. It
 * does not defend against code that runs in this process.
 *
 * <p>Safe for use by many threads.
 */
final class KeyMaterialCache implements AutoCloseable {
  static final int MAX_ENTRIES = 1_024;
  static final Duration MAX_AGE = Duration.ofMinutes(5);

  /** A future that completes with null was overtaken by a change. */
  private final Map<UUID, CompletableFuture<@Nullable ResolvedKey>> entries =
      new ConcurrentHashMap<>();

  private final Duration maxAge;
  private final ReentrantLock trimming = new ReentrantLock();
  private volatile boolean closed;

  /** Reads a key from the store. */
  @FunctionalInterface
  interface Loader {
    ResolvedKey load(UUID keyId) throws KeyNotFoundException;
  }

  KeyMaterialCache() {
    this(MAX_AGE);
  }

  /** With another age than {@link #MAX_AGE}. */
  KeyMaterialCache(Duration maxAge) {
    this.maxAge = maxAge;
  }

  /** The key, loaded if need be; {@code now} and all other times are those of the nano clock. */
  ResolvedKey get(long now, UUID keyId, Loader loader) throws KeyNotFoundException {
    while (true) {
      CompletableFuture<@Nullable ResolvedKey> found = entries.get(keyId);
      ResolvedKey key = found == null ? load(keyId, loader) : await(found);
      if (key != null && key.serves(now)) {
        return key;
      }
      // Who ends it takes it out next, but may be kept from it; this need not wait for that.
      remove(keyId, found);
    }
  }

  /** The key if it is here; loads nothing, and waits for nobody who does. */
  Optional<ResolvedKey> peek(UUID keyId) {
    return Optional.ofNullable(entries.get(keyId))
        .filter(KeyMaterialCache::isLoaded)
        .map(CompletableFuture::join)
        .filter(key -> !key.destroyed());
  }

  /** Null if another was first, or a change overtook the load. */
  private @Nullable ResolvedKey load(UUID keyId, Loader loader) throws KeyNotFoundException {
    requireOpen();
    CompletableFuture<@Nullable ResolvedKey> mine = new CompletableFuture<>();
    if (entries.putIfAbsent(keyId, mine) != null) {
      return null;
    }
    ResolvedKey key;
    try {
      key = loader.load(keyId);
    } catch (KeyNotFoundException | RuntimeException | Error e) {
      entries.remove(keyId, mine);
      mine.completeExceptionally(e);
      throw e;
    }
    // Who completes the future decides: forget() with null, and then neither this caller nor any
    // who wait may use what was read before the change; or this, and then forget() wipes it.
    if (!mine.complete(key)) {
      key.destroy();
      return null;
    }
    trim();
    if (closed) {
      // It was closed since this began, and may have looked before this was there.
      forget(keyId);
      requireOpen();
    }
    return key;
  }

  private static @Nullable ResolvedKey await(CompletableFuture<@Nullable ResolvedKey> found)
      throws KeyNotFoundException {
    try {
      return found.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof KeyNotFoundException notFound) {
        throw new KeyNotFoundException(notFound.keyId());
      }
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new AssertionError(e.getCause());
    }
  }

  /**
   * Wipes the key; whoever asks next reads the store.
   *
   * <p>First wiped, then taken out: of two that forget one key at once, none returns before it is
   * wiped.
   */
  void forget(UUID keyId) {
    CompletableFuture<@Nullable ResolvedKey> found = entries.get(keyId);
    if (found != null && !found.complete(null) && !found.isCompletedExceptionally()) {
      ResolvedKey key = found.join();
      if (key != null) {
        key.destroy();
      }
    }
    remove(keyId, found);
  }

  private void remove(UUID keyId, @Nullable CompletableFuture<@Nullable ResolvedKey> ended) {
    if (ended != null) {
      entries.remove(keyId, ended);
    }
  }

  void forgetAll() {
    for (UUID keyId : entries.keySet()) {
      forget(keyId);
    }
  }

  /** Wipes what has grown too old; to be called now and then, while the store answers. */
  void expire(long now) {
    for (ResolvedKey key : loaded()) {
      if (now - key.loadedAt() >= maxAge.toNanos()) {
        forget(key.metadata().id());
      }
    }
  }

  /** Wipes the eighth that was used longest ago, once there are too many. */
  private void trim() {
    if (entries.size() <= MAX_ENTRIES || !trimming.tryLock()) {
      return;
    }
    try {
      loaded().stream()
          .sorted(Comparator.comparingLong(ResolvedKey::usedAt))
          .limit(entries.size() - MAX_ENTRIES + MAX_ENTRIES / 8)
          .forEach(key -> forget(key.metadata().id()));
    } finally {
      trimming.unlock();
    }
  }

  /** All that is here. */
  List<ResolvedKey> loaded() {
    return entries.values().stream()
        .filter(KeyMaterialCache::isLoaded)
        .map(CompletableFuture::join)
        .filter(Objects::nonNull)
        .toList();
  }

  private static boolean isLoaded(CompletableFuture<@Nullable ResolvedKey> future) {
    return future.isDone() && !future.isCompletedExceptionally();
  }

  int size() {
    return entries.size();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the keyring is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    forgetAll();
  }
}
