package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.Node;
import org.kms4j.store.StoreException;

/** Two nodes, each with a clock of its own, in the hand of the test. */
class NodeLeaseTest {
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final MemoryStore store = new MemoryStore();
  private final List<Node> atDrop = new ArrayList<>();
  // A nano clock may begin anywhere, and pass the end of its numbers.
  private final AtomicLong own = new AtomicLong(Long.MAX_VALUE - 3 * SECOND);
  private final AtomicLong other = new AtomicLong(-77);
  private final NodeLease lease =
      new NodeLease(store, LEASE, own::get, () -> atDrop.addAll(store.nodes()));
  private final Census census = new Census(store, other::get);

  private long left(long epoch) {
    return lease.end(own.get(), epoch) - own.get();
  }

  private Set<UUID> behind(long epoch) {
    return Census.behind(census.living(), epoch);
  }

  private Node row() {
    return store.nodes().get(0);
  }

  @Test
  void firstAnswerJoinsBeforeAllIsDropped() {
    assertEquals(9 * SECOND, left(7));

    assertEquals(new Node(lease.node(), 7, 0, LEASE), row());
    assertEquals(List.of(row()), atDrop);
  }

  @Test
  void leaseIsRenewedAfterAThirdOrWhenSomethingHasChanged() {
    left(7);
    own.addAndGet(3 * SECOND);
    assertEquals(6 * SECOND, left(7));
    assertEquals(0, row().renewals());

    assertEquals(9 * SECOND, left(8));
    assertEquals(new Node(lease.node(), 8, 1, LEASE), row());

    own.addAndGet(4 * SECOND);
    assertEquals(9 * SECOND, left(8));
    assertEquals(2, row().renewals());
    assertEquals(1, atDrop.size(), "it dropped all though its lease held");
  }

  @Test
  void leaseThatCannotBeRenewedEndsWhenItWouldHave() {
    left(7);
    store.cutOff(true);
    own.addAndGet(4 * SECOND);
    assertThrows(StoreException.class, () -> left(7));
    assertThrows(StoreException.class, () -> left(8));

    store.cutOff(false);
    own.addAndGet(SECOND);
    assertEquals(9 * SECOND, left(8));
    assertEquals(1, row().renewals());
  }

  @Test
  void nodeThatWasRemovedJoinsAsAnotherAndDropsAll() {
    left(7);
    UUID before = lease.node();
    store.leave(before);
    own.addAndGet(20 * SECOND);

    assertEquals(9 * SECOND, left(7));

    assertNotEquals(before, lease.node());
    assertEquals(new Node(lease.node(), 7, 0, LEASE), row());
    assertEquals(2, atDrop.size());
  }

  @Test
  void nodeThatCouldNotJoinAgainIsNotTakenForOneThatHas() {
    left(7);
    store.leave(lease.node());
    own.addAndGet(20 * SECOND);
    store.cutOff(true);
    assertThrows(StoreException.class, () -> left(7));
    store.cutOff(false);

    assertEquals(9 * SECOND, left(7));

    assertEquals(1, store.nodes().size());
    assertEquals(2, atDrop.size());
  }

  @Test
  void closedOneLeavesAndNeverJoinsAgain() {
    left(7);

    lease.close();

    assertEquals(List.of(), store.nodes());
    assertThrows(IllegalStateException.class, () -> left(8));
    assertEquals(List.of(), store.nodes());
  }

  @Test
  void closingWithoutTheStoreLeavesTheRestToTheOthers() {
    left(7);
    store.cutOff(true);

    lease.close();

    store.cutOff(false);
    assertEquals(1, store.nodes().size());
  }

  @Test
  void leaseOutOfItsRangeIsRefused() {
    for (Duration bad : List.of(Duration.ofMillis(1_999), Duration.ofSeconds(3_601))) {
      assertThrows(
          IllegalArgumentException.class, () -> new NodeLease(store, bad, own::get, () -> {}));
    }
  }

  @Test
  void nodeIsAwaitedUntilItConfirms() {
    left(7);

    assertEquals(Set.of(), behind(7));
    assertEquals(Set.of(lease.node()), behind(8));
    left(8);
    assertEquals(Set.of(), behind(8));
    assertEquals(1, store.nodes().size());
  }

  @Test
  void nodeIsRemovedOnceItWasSeenUnrenewedForAWholeLeaseAndNotBefore() {
    left(7);
    assertEquals(1, behind(8).size());
    other.addAndGet(10 * SECOND - 1);
    assertEquals(1, behind(8).size());

    other.addAndGet(1);

    assertEquals(Set.of(), behind(8));
    assertEquals(List.of(), store.nodes());
  }

  @Test
  void renewalBeginsTheWaitAnew() {
    left(7);
    behind(8);
    other.addAndGet(9 * SECOND);
    own.addAndGet(4 * SECOND);
    left(7);
    behind(8);

    other.addAndGet(9 * SECOND);

    assertEquals(1, behind(8).size());
  }

  @Test
  void noNodeEverActsAfterAnotherHasHeldItForGone() {
    // The clocks drift by a tenth of a tenth; each step of the one is a poll that may fail.
    left(7);
    Random random = new Random(22);
    long mayActUntil = lease.end(own.get(), 7);
    int removed = 0;
    for (int i = 0; i < 20_000; i++) {
      long step = random.nextLong(SECOND);
      own.addAndGet(step);
      other.addAndGet(step + step / 100);
      if (behind(8).isEmpty()) {
        removed++;
        assertTrue(own.get() - mayActUntil > 0, "removed while it may act");
      }
      if (random.nextInt(12) == 0) {
        mayActUntil = lease.end(own.get(), 7);
      }
    }
    assertTrue(removed > 50, "only " + removed);
  }

  @Test
  void deadNodeIsSweptWithoutARevocation() {
    left(7);
    for (int i = 0; i < 5; i++) {
      other.addAndGet(4 * SECOND);
      census.sweep(LEASE.dividedBy(3));
    }

    assertEquals(List.of(), store.nodes());
  }
}
