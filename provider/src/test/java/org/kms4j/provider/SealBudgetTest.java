package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

class SealBudgetTest {
  private static final UUID ID = new UUID(5, 6);
  private static final long PLENTY = 1L << 31;

  private final MemoryStore store = new MemoryStore();
  private final AtomicLong clock = new AtomicLong();

  @BeforeEach
  void insertKey() throws Exception {
    store.insert(key(KeyAlgorithm.AES_256_GCM), wrapped(1));
  }

  private static KeyMetadata key(KeyAlgorithm algorithm) {
    Instant now = Instant.EPOCH;
    return new KeyMetadata(ID, "p", "n", "", algorithm, KeyState.ENABLED, false, 1, now, now);
  }

  private static WrappedKey wrapped(int seed) {
    return WrappedKey.of(key(KeyAlgorithm.AES_256_GCM), 1, "root", KmsFixture.bytes(seed, 61));
  }

  private SealBudget budget(long limit) {
    return new SealBudget(store, ID, 1, limit, clock::get);
  }

  private long leased() {
    return store.find(ID).orElseThrow().metadata().seals();
  }

  /** Spends all that is left of a block and one more, and tells the size of the block leased. */
  private long nextBlock(SealBudget budget, long nanosBefore) throws Exception {
    long before = leased();
    clock.addAndGet(nanosBefore);
    while (leased() == before) {
      assertTrue(budget.spend());
    }
    return leased() - before;
  }

  @Test
  void blockIsSpentWithoutAskingTheStore() throws Exception {
    SealBudget budget = budget(PLENTY);
    assertEquals(0, store.leases());

    for (int i = 0; i < SealBudget.FIRST_BLOCK; i++) {
      assertTrue(budget.spend());
    }

    assertEquals(1, store.leases());
    assertEquals(SealBudget.FIRST_BLOCK, leased());
    assertEquals(SealBudget.FIRST_BLOCK, budget.leased());
  }

  @Test
  void sealsSpentAheadComeOutOfTheBlockAndNotOutOfItsLastPart() throws Exception {
    SealBudget budget = budget(PLENTY);
    assertFalse(budget.spendAhead(15), "there is no block yet");
    assertTrue(budget.spend());

    int spent = 1;
    while (budget.spendAhead(15)) {
      spent += 15;
    }

    assertTrue(spent > SealBudget.FIRST_BLOCK / 2, spent + " were spent ahead");
    while (store.leases() == 1) {
      assertTrue(budget.spend());
      spent++;
    }
    assertEquals(SealBudget.FIRST_BLOCK + 1, spent, "each once, and the first of the next block");
  }

  @Test
  void blockDoublesUpToTheLargestWhileBlocksGoQuickly() throws Exception {
    SealBudget budget = budget(PLENTY);
    List<Long> blocks = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      blocks.add(nextBlock(budget, SealBudget.QUICK_NANOS - 1));
    }

    assertEquals(SealBudget.FIRST_BLOCK, blocks.get(0));
    assertEquals(2 * SealBudget.FIRST_BLOCK, blocks.get(1));
    assertEquals(SealBudget.MAX_BLOCK, blocks.get(10));
    assertEquals(SealBudget.MAX_BLOCK, blocks.get(11));
  }

  @Test
  void blockStaysWhereItLastsAndHalvesWhereItLastsLong() throws Exception {
    SealBudget budget = budget(PLENTY);
    nextBlock(budget, 0);
    nextBlock(budget, 0);
    assertEquals(4 * SealBudget.FIRST_BLOCK, nextBlock(budget, 0));

    assertEquals(4 * SealBudget.FIRST_BLOCK, nextBlock(budget, SealBudget.QUICK_NANOS));
    assertEquals(4 * SealBudget.FIRST_BLOCK, nextBlock(budget, SealBudget.SLOW_NANOS));
    assertEquals(2 * SealBudget.FIRST_BLOCK, nextBlock(budget, SealBudget.SLOW_NANOS + 1));
    assertEquals(SealBudget.FIRST_BLOCK, nextBlock(budget, SealBudget.SLOW_NANOS + 1));
    assertEquals(SealBudget.FIRST_BLOCK, nextBlock(budget, SealBudget.SLOW_NANOS + 1));
  }

  private static void spend(SealBudget budget, long seals) throws Exception {
    for (long i = 0; i < seals; i++) {
      assertTrue(budget.spend());
    }
  }

  @Test
  void blockIsFilledUpOnceHalfOfItIsGone() throws Exception {
    SealBudget budget = budget(PLENTY);
    assertFalse(budget.refill(), "there is no block yet");
    spend(budget, SealBudget.FIRST_BLOCK / 2 - 1);
    clock.addAndGet(SealBudget.QUICK_NANOS);
    assertFalse(budget.refill());
    spend(budget, 1);

    assertTrue(budget.refill());

    assertEquals(SealBudget.FIRST_BLOCK * 3 / 2, leased());
    assertFalse(budget.refill());
    store.cutOff(true);
    spend(budget, SealBudget.FIRST_BLOCK);
    assertThrows(StoreException.class, budget::spend);
  }

  @Test
  void blockThatIsFilledUpDoublesWhereItGoesQuicklyAndHalvesWhereItLastsLong() throws Exception {
    SealBudget budget = budget(PLENTY);
    spend(budget, SealBudget.FIRST_BLOCK / 2);
    assertTrue(budget.refill());
    assertEquals(5 * SealBudget.FIRST_BLOCK / 2, leased(), "twice as many are there now");

    clock.addAndGet(SealBudget.SLOW_NANOS + 1);
    spend(budget, SealBudget.FIRST_BLOCK);
    assertFalse(budget.refill(), "as many are there as it will have");
    spend(budget, SealBudget.FIRST_BLOCK / 2);
    assertTrue(budget.refill());
    assertEquals(3 * SealBudget.FIRST_BLOCK, leased());
  }

  @Test
  void smallBlockIsNotFilledUp() throws Exception {
    SealBudget budget = budget(200);
    spend(budget, 2);

    assertFalse(budget.refill());
  }

  @Test
  void blockIsASmallShareOfASmallLimit() throws Exception {
    assertEquals(3, nextBlock(budget(200), 0));
    SealBudget another = budget(6_400 + leased());
    assertEquals(100, nextBlock(another, 0));
    assertEquals(100, nextBlock(another, 0));
    assertEquals(1, nextBlock(budget(leased() + 1), 0));
  }

  @Test
  @Conformance("C-52")
  void limitIsSpentToTheLastSealAndNotBeyond() throws Exception {
    for (long limit : new long[] {1, 2, 63, 64, 200, 1_025, 10_007}) {
      long before = leased();
      SealBudget budget = budget(before + limit);
      for (int i = 0; i < limit; i++) {
        assertTrue(budget.spend());
      }

      assertFalse(budget.spend());
      int asked = store.leases();
      assertFalse(budget.spend());
      assertEquals(asked, store.leases(), "what is spent needs no store to say so");
      assertEquals(before + limit, leased());
    }
  }

  @Test
  @Conformance("C-52")
  void manyThreadsSpendExactlyTheLimitAndLeaseEachBlockOnce() throws Exception {
    long limit = 64 * SealBudget.FIRST_BLOCK;

    assertEquals(limit, spentByManyThreads(budget(limit), () -> {}));
    assertEquals(64 + 1, store.leases(), "one lease a block, and one that found nothing left");
  }

  @Test
  @Conformance("C-52")
  void manyThreadsSpendExactlyTheLimitAlsoWhereTheBlockIsFilledUpMeanwhile() throws Exception {
    long limit = 64 * SealBudget.FIRST_BLOCK;
    SealBudget budget = budget(limit);

    assertEquals(limit, spentByManyThreads(budget, budget::refill));
    assertTrue(store.leases() > 64 + 1, store.leases() + " leases");
  }

  /** What several threads spend until nothing is left, each of which does this now and then. */
  private static long spentByManyThreads(SealBudget budget, Step now) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> spending = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      spending.add(
          pool.submit(
              () -> {
                long mine = 0;
                while (budget.spend()) {
                  mine++;
                  if (mine % 64 == 0) {
                    now.run();
                  }
                }
                return mine;
              }));
    }
    long sum = 0;
    for (Future<Long> one : spending) {
      sum += one.get();
    }
    pool.shutdown();
    return sum;
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  @Test
  void thoseWhoWaitForALeaseThatFailsAreToldOfItAndDoNotAsk() throws Exception {
    List<Thread> others = new ArrayList<>();
    AtomicLong asked = new AtomicLong();
    AtomicLong told = new AtomicLong();
    WrappedKeyStore failing =
        (WrappedKeyStore)
            Proxy.newProxyInstance(
                WrappedKeyStore.class.getClassLoader(),
                new Class<?>[] {WrappedKeyStore.class},
                (proxy, method, arguments) -> {
                  asked.incrementAndGet();
                  others.forEach(Thread::start);
                  others.forEach(SealBudgetTest::awaitWaiting);
                  throw new StoreException("away");
                });
    SealBudget budget = new SealBudget(failing, ID, 1, PLENTY, System::nanoTime);
    for (int i = 0; i < 7; i++) {
      others.add(
          new Thread(
              () -> {
                assertThrows(StoreException.class, budget::spend);
                told.incrementAndGet();
              }));
    }

    assertThrows(StoreException.class, budget::spend);
    for (Thread other : others) {
      other.join();
    }

    assertEquals(1, asked.get());
    assertEquals(7, told.get());
  }

  private static void awaitWaiting(Thread thread) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (thread.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  @Test
  @Conformance("C-52")
  void budgetsOfTwoProcessesShareTheLimit() throws Exception {
    SealBudget one = budget(1_000);
    SealBudget two = budget(1_000);
    int sum = 0;
    boolean both = true;
    while (both) {
      boolean first = one.spend();
      boolean second = two.spend();
      sum += (first ? 1 : 0) + (second ? 1 : 0);
      both = first || second;
    }

    assertEquals(1_000, sum);
  }

  @Test
  @Conformance("C-52")
  void processThatDiedHasSpentMoreThanItSealedNeverLess() throws Exception {
    for (int i = 0; i < 5; i++) {
      SealBudget lost = budget(PLENTY);
      for (int n = 0; n < 700; n++) {
        assertTrue(lost.spend());
      }
    }

    assertEquals(5 * SealBudget.FIRST_BLOCK, leased());
  }

  @Test
  void storeThatFailsCostsNothingAndIsAskedAgain() throws Exception {
    SealBudget budget = budget(3);
    assertTrue(budget.spend());
    store.cutOff(true);
    for (int i = 0; i < 5; i++) {
      assertThrows(StoreException.class, budget::spend);
    }
    store.cutOff(false);

    assertTrue(budget.spend());
    assertTrue(budget.spend());
    assertFalse(budget.spend());
  }

  @Test
  void versionThatIsGoneIsNotFound() throws Exception {
    SealBudget budget = budget(PLENTY);
    store.delete(ID);

    assertThrows(KeyNotFoundException.class, budget::spend);
  }

  @Test
  void budgetIsOneForAVersionAndRemembered() {
    SealBudgets budgets = new SealBudgets(store, new SealLimit(200, true), clock::get);
    KeyMetadata key = key(KeyAlgorithm.AES_256_GCM);

    SealBudget first = budgets.of(key, wrapped(1));

    assertEquals(200, first.limit());
    assertTrue(first == budgets.of(key, wrapped(1)));
    assertFalse(first == budgets.of(key, wrapped(2)), "of the same id, but other material");
    assertEquals(Long.MAX_VALUE, budgets.of(key(KeyAlgorithm.XAES_256_GCM), wrapped(3)).limit());
  }

  @Test
  void budgetThatWasUsedLongestAgoIsForgottenFirst() {
    SealBudgets budgets = new SealBudgets(store, SealLimit.DEFAULT, clock::get);
    KeyMetadata key = key(KeyAlgorithm.AES_256_GCM);
    SealBudget first = budgets.of(key, wrapped(0));
    SealBudget second = budgets.of(key, wrapped(1));
    for (int i = 2; i <= SealBudgets.MAX_REMEMBERED; i++) {
      budgets.of(key, wrapped(i));
      budgets.of(key, wrapped(0));
    }

    assertEquals(SealBudgets.MAX_REMEMBERED, budgets.size());
    assertTrue(first == budgets.of(key, wrapped(0)));
    assertFalse(second == budgets.of(key, wrapped(1)));
  }
}
