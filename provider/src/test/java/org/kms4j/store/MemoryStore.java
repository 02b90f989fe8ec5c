package org.kms4j.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.WrappedKey;

/**
 * A store in the heap of this process, which several keyrings may share as if they were processes.
 * It can be cut off: it then answers nothing, as a database that is gone.
 *
 * <p>Safe for use by many threads.
 */
public final class MemoryStore implements WrappedKeyStore {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, StoredKey> keys = new HashMap<>();
  private final Map<UUID, Map<Integer, Long>> seals = new HashMap<>();
  private final Map<UUID, Node> nodes = new HashMap<>();
  private @Nullable String rootKeyId;
  private final List<UUID> changes = new ArrayList<>();
  private int finds;
  private int leases;
  private volatile boolean cutOff;

  /** An empty store. */
  public MemoryStore() {}

  /** From now on every call is a {@link StoreException}, until it is undone. */
  public void cutOff(boolean gone) {
    cutOff = gone;
  }

  /** How often a key was read, for tests of what is remembered. */
  public int finds() {
    return within(() -> finds);
  }

  /** How often seals were leased, for tests of what is spent without asking. */
  public int leases() {
    return within(() -> leases);
  }

  /** Puts back what a thief or a vandal with write access might. */
  public void forge(StoredKey key) {
    within(
        () -> {
          record(key.metadata().id());
          return keys.put(key.metadata().id(), key);
        });
  }

  @Override
  public String claim(String rootKeyId) {
    return within(
        () -> {
          String found = this.rootKeyId;
          if (found == null) {
            this.rootKeyId = rootKeyId;
            return rootKeyId;
          }
          return found;
        });
  }

  @Override
  public Optional<StoredKey> find(UUID keyId) {
    return within(
        () -> {
          finds++;
          return Optional.ofNullable(keys.get(keyId));
        });
  }

  @Override
  public Optional<KeyMetadata> findByName(String project, String name) {
    return within(() -> Optional.ofNullable(named(project, name)));
  }

  private @Nullable KeyMetadata named(String project, String name) {
    for (StoredKey key : keys.values()) {
      if (key.metadata().project().equals(project) && key.metadata().name().equals(name)) {
        return key.metadata();
      }
    }
    return null;
  }

  @Override
  public KeyPage list(KeyQuery query) {
    String search = query.search().toLowerCase(Locale.ROOT);
    Comparator<KeyMetadata> order = Comparator.comparing(KeyMetadata::name);
    return within(
        () -> {
          List<KeyMetadata> all =
              keys.values().stream()
                  .map(StoredKey::metadata)
                  .filter(key -> key.project().equals(query.project()))
                  .filter(key -> key.name().toLowerCase(Locale.ROOT).contains(search))
                  .sorted(query.descending() ? order.reversed() : order)
                  .toList();
          List<KeyMetadata> page = all.stream().skip(query.offset()).limit(query.limit()).toList();
          return new KeyPage(page, all.size());
        });
  }

  @Override
  public void insert(StoredKey stored) throws KeyNameTakenException {
    KeyMetadata key = stored.metadata();
    boolean free =
        within(
            () -> {
              if (named(key.project(), key.name()) != null || keys.containsKey(key.id())) {
                return false;
              }
              record(key.id());
              keys.put(key.id(), stored);
              return true;
            });
    if (!free) {
      throw new KeyNameTakenException(key.project(), key.name());
    }
  }

  @Override
  public KeyMetadata update(UUID keyId, UnaryOperator<KeyMetadata> change)
      throws KeyNotFoundException, KeyNameTakenException {
    lock.lock();
    try {
      requireThere();
      StoredKey stored = stored(keyId);
      KeyMetadata old = stored.metadata();
      KeyMetadata wanted = change.apply(old);
      KeyMetadata holder = named(old.project(), wanted.name());
      if (holder != null && !holder.id().equals(keyId)) {
        throw new KeyNameTakenException(old.project(), wanted.name());
      }
      KeyMetadata now =
          old.withName(wanted.name())
              .withDescription(wanted.description())
              .withState(wanted.state())
              .withUpdatedAt(wanted.updatedAt());
      record(keyId);
      keys.put(keyId, new StoredKey(now, stored.versions()));
      return now;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean rotate(KeyMetadata rotated, WrappedKey next) {
    return within(
        () -> {
          StoredKey stored = keys.get(rotated.id());
          if (stored == null
              || !stored.metadata().enabled()
              || stored.metadata().primaryVersion() != next.version() - 1) {
            return false;
          }
          KeyMetadata now =
              stored
                  .metadata()
                  .withPrimaryVersion(next.version())
                  .withUpdatedAt(rotated.updatedAt());
          List<WrappedKey> versions = new ArrayList<>(stored.versions());
          versions.add(next);
          record(rotated.id());
          keys.put(rotated.id(), new StoredKey(now, versions));
          return true;
        });
  }

  @Override
  public KeyMetadata delete(UUID keyId) throws KeyNotFoundException {
    lock.lock();
    try {
      requireThere();
      KeyMetadata gone = stored(keyId).metadata();
      record(keyId);
      keys.remove(keyId);
      seals.remove(keyId);
      return gone;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SealLease lease(UUID keyId, int version, long wanted, long limit)
      throws KeyNotFoundException {
    lock.lock();
    try {
      requireThere();
      StoredKey stored = keys.get(keyId);
      if (stored == null || version < 1 || version > stored.versions().size()) {
        throw new KeyNotFoundException(keyId, version);
      }
      leases++;
      Map<Integer, Long> ofKey = seals.computeIfAbsent(keyId, id -> new HashMap<>());
      SealLease lease = SealLease.of(ofKey.getOrDefault(version, 0L), wanted, limit);
      ofKey.put(version, lease.leased());
      if (version == stored.metadata().primaryVersion()) {
        KeyMetadata now = stored.metadata().withSeals(lease.leased());
        keys.put(keyId, new StoredKey(now, stored.versions()));
      }
      return lease;
    } finally {
      lock.unlock();
    }
  }

  private StoredKey stored(UUID keyId) throws KeyNotFoundException {
    StoredKey found = keys.get(keyId);
    if (found == null) {
      throw new KeyNotFoundException(keyId);
    }
    return found;
  }

  @Override
  public long epoch() {
    return within(() -> (long) changes.size());
  }

  private void record(UUID keyId) {
    changes.add(keyId);
  }

  @Override
  public Optional<Set<UUID>> changed(long after, long upTo) {
    return within(() -> Optional.of(Set.copyOf(changes.subList((int) after, (int) upTo))));
  }

  @Override
  public void join(UUID node, long epoch, Duration lease) {
    within(() -> nodes.put(node, new Node(node, epoch, 0, lease)));
  }

  @Override
  public boolean renew(UUID node, long confirmed) {
    return within(
        () ->
            nodes.computeIfPresent(
                    node, (id, old) -> new Node(id, confirmed, old.renewals() + 1, old.lease()))
                != null);
  }

  @Override
  public List<Node> nodes() {
    return within(() -> List.copyOf(nodes.values()));
  }

  @Override
  public boolean remove(Node seen) {
    return within(
        () -> {
          Node now = nodes.get(seen.id());
          return now != null && now.renewals() == seen.renewals() && nodes.remove(seen.id(), now);
        });
  }

  @Override
  public void leave(UUID node) {
    within(() -> nodes.remove(node));
  }

  @Override
  public void close() {
    // Another keyring may go on using it, as another process would.
  }

  private <T extends @Nullable Object> T within(Supplier<T> work) {
    lock.lock();
    try {
      requireThere();
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private void requireThere() {
    if (cutOff) {
      throw new StoreException("the store is cut off");
    }
  }
}
