package org.kms4j.launch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.kms4j.launch.History.Holder;

/**
 * What of a {@link History}, beside the database's own record of who leased what, breaks a promise
 * about one key that has a limit and is rotated by nobody's hand:
 *
 * <ul>
 *   <li>all processes together lease no more seals of a version than the limit, nor seal more;
 *   <li>none seals what it had not leased;
 *   <li>a version is left, or refused, only when it is spent, and the next number follows;
 *   <li>what a process leases of a version and does not use, whatever becomes of it, is a block and
 *       what its threads were at.
 * </ul>
 */
final class SealCheck {
  private final History history;
  private final String key;
  private final long limit;
  private final long block;
  private final Map<Holder, Long> sealed;
  private final Map<Holder, Long> leased = new HashMap<>();
  private final TreeMap<Integer, Long> leasedOf = new TreeMap<>();

  /** So many seals of one version for one process. */
  record Lease(Holder holder, long seals) {}

  /**
   * Of one key.
   *
   * @param block what a process leases at once
   */
  SealCheck(History history, String key, List<Lease> leases, long limit, long block) {
    this.history = history;
    this.key = key;
    this.limit = limit;
    this.block = block;
    this.sealed = history.seals(key);
    for (Lease lease : leases) {
      leased.merge(lease.holder(), lease.seals(), Long::sum);
      leasedOf.merge(lease.holder().version(), lease.seals(), Long::sum);
    }
  }

  /** What broke a promise, in words. */
  List<String> violations() {
    List<String> all = new ArrayList<>();
    ofVersions(all);
    ofProcesses(all);
    return all;
  }

  private void ofVersions(List<String> all) {
    Map<Integer, Long> sealedOf = new TreeMap<>();
    sealed.forEach((holder, seals) -> sealedOf.merge(holder.version(), seals, Long::sum));
    sealedOf.forEach((version, seals) -> atMost(all, "sealed", version, seals));
    leasedOf.forEach((version, seals) -> atMost(all, "leased", version, seals));
    Set<Integer> versions = new TreeSet<>(leasedOf.keySet());
    versions.addAll(sealedOf.keySet());
    Set<Integer> spent = new TreeSet<>(history.refused(key));
    int next = 1;
    for (int version : versions) {
      if (version != next) {
        all.add("version %d of %s follows upon %d".formatted(version, key, next - 1));
      }
      spent.add(version - 1);
      next = version + 1;
    }
    spent.remove(0);
    for (int version : spent) {
      long seals = leasedOf.getOrDefault(version, 0L);
      if (seals < limit) {
        all.add("version %d of %s was given up at %d".formatted(version, key, seals));
      }
    }
  }

  private void atMost(List<String> all, String what, int version, long seals) {
    if (seals > limit) {
      all.add("version %d of %s was %s %d times".formatted(version, key, what, seals));
    }
  }

  private void ofProcesses(List<String> all) {
    Set<Holder> holders = new HashSet<>(sealed.keySet());
    holders.addAll(leased.keySet());
    for (Holder holder : holders) {
      long had = leased.getOrDefault(holder, 0L);
      long unused = had - sealed.getOrDefault(holder, 0L);
      if (unused < 0) {
        all.add("%s sealed %d more of %s than it leased".formatted(holder, -unused, key));
      }
      if (unused > mayWaste(holder)) {
        all.add("%s wasted %d of %d of %s".formatted(holder, unused, had, key));
      }
    }
  }

  /**
   * A lease whose answer was lost with the database is a block as well; of each the process has
   * told that it failed. Its threads were at one seal each when it died, and when the key was wiped
   * before that.
   */
  private long mayWaste(Holder holder) {
    return block * (1 + history.failed(key, holder.process())) + 2 * HistoryNode.THREADS;
  }

  int versions() {
    return leasedOf.size();
  }

  @Override
  public String toString() {
    long all = leased.values().stream().mapToLong(Long::longValue).sum();
    long used = sealed.values().stream().mapToLong(Long::longValue).sum();
    return "%d versions, %d processes and versions, %d leased and %d sealed of %d each"
        .formatted(versions(), leased.size(), all, used, limit);
  }
}
