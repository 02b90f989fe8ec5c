package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link WrappedKeyStore} of several processes promises of its nodes. */
abstract class NodeContract extends LeaseContract {
  private static final Duration LEASE = Duration.ofMillis(2_345);

  private WrappedKeyStore store;

  @BeforeEach
  void openForNodes() throws Exception {
    store = open();
  }

  private UUID joined(long epoch) {
    UUID node = UUID.randomUUID();
    store.join(node, epoch, LEASE);
    return node;
  }

  @Test
  void nodeIsThereFromItsJoiningToItsLeaving() {
    UUID one = joined(7);
    UUID two = joined(8);

    assertEquals(
        Set.of(new Node(one, 7, 0, LEASE), new Node(two, 8, 0, LEASE)), Set.copyOf(store.nodes()));

    store.leave(one);
    store.leave(one);
    assertEquals(List.of(new Node(two, 8, 0, LEASE)), store.nodes());
  }

  @Test
  void renewalSaysWhatWasConfirmedAndIsCounted() {
    UUID node = joined(7);

    assertTrue(store.renew(node, 9));
    assertTrue(store.renew(node, 9));
    assertEquals(List.of(new Node(node, 9, 2, LEASE)), store.nodes());

    // As after a store was put back to an earlier moment.
    assertTrue(store.renew(node, 3));
    assertEquals(List.of(new Node(node, 3, 3, LEASE)), store.nodes());
  }

  @Test
  void nodeThatIsGoneCannotRenew() {
    UUID node = joined(7);
    store.leave(node);

    assertFalse(store.renew(node, 9));
    assertFalse(store.renew(UUID.randomUUID(), 9));
    assertEquals(List.of(), store.nodes());
  }

  @Test
  void nodeIsRemovedUnlessItHasRenewedSinceItWasSeen() {
    UUID node = joined(7);
    Node before = store.nodes().get(0);
    store.renew(node, 7);

    assertFalse(store.remove(before));
    assertTrue(store.remove(store.nodes().get(0)));
    assertFalse(store.remove(before));
    assertEquals(List.of(), store.nodes());
  }

  @Test
  void nodesDoNotMoveTheEpoch() {
    long before = store.epoch();

    UUID node = joined(before);
    store.renew(node, before);
    store.remove(store.nodes().get(0));
    store.leave(node);

    assertEquals(before, store.epoch());
  }

  @Test
  void ofARenewalAndARemovalAtOnceOneIsFirstAndTheOtherFindsOut() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    for (int i = 0; i < 100; i++) {
      UUID node = joined(i);
      Node seen = store.nodes().get(0);

      Future<Boolean> renewal = pool.submit(() -> store.renew(node, seen.confirmed()));
      Future<Boolean> removal = pool.submit(() -> store.remove(seen));

      assertTrue(renewal.get() ^ removal.get(), "both, or none");
      assertEquals(renewal.get() ? 1 : 0, store.nodes().size());
      store.leave(node);
    }
    pool.shutdown();
  }
}
