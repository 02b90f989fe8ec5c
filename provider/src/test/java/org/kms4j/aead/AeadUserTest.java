package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.security.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AeadUserTest {
  private static final byte[] NOTHING = new byte[0];

  /** These outlive every key. */
  private final List<AeadUser> users = Stream.generate(AeadUser::new).limit(4).toList();

  private final List<Aead> destroyed = new ArrayList<>();

  /** All that was made, weakly. */
  private final Queue<WeakReference<Object>> made = new ConcurrentLinkedQueue<>();

  private <T> T tracked(T object) {
    made.add(new WeakReference<>(object));
    return object;
  }

  private long alive() {
    return made.stream().filter(one -> one.get() != null).count();
  }

  /** How many are left once the collector has run; it may need a few attempts to come to so few. */
  private long aliveAfterCollection(long wanted) {
    for (int i = 0; i < 50 && alive() > wanted; i++) {
      System.gc();
    }
    return alive();
  }

  @Nested
  class Of {
    private final Slots<Object> slots = new Slots<>(() -> tracked(new Object()));
    private final AeadUser user = new AeadUser();

    private void comeOften(AeadUser one, Slots<Object> where) {
      for (int i = 0; i < AeadUser.OFTEN; i++) {
        where.put(one, where.take(one));
      }
    }

    @Test
    void slotsThatItUsesOftenFindsItsOwnWhichNobodyElseTakes() {
      comeOften(user, slots);

      Object own = slots.take(user);

      assertEquals(1, made.size());
      assertNotSame(own, slots.take());
      assertNotSame(own, slots.take(new AeadUser()));
      slots.put(user, own);
      assertSame(own, slots.take(user));
    }

    @Test
    void slotsThatItUsesSeldomHasNoneOfItsOwn() {
      for (int i = 1; i < AeadUser.OFTEN; i++) {
        slots.put(user, slots.take(user));
      }

      slots.take();

      assertEquals(1, made.size(), "it lies where anyone finds it");
    }

    @Test
    void twoSlotsInTurnHasNoneOfItsOwn() {
      Slots<Object> others = new Slots<>(Object::new);
      for (int i = 0; i < AeadUser.OFTEN; i++) {
        slots.put(user, slots.take(user));
        others.put(user, others.take(user));
      }

      assertNull(user.own(slots));
      assertNull(user.own(others));
    }

    @Test
    void otherSlotsGetsNothingOfTheFirst() {
      comeOften(user, slots);
      Slots<Object> others = new Slots<>(Object::new);

      comeOften(user, others);

      assertNull(user.own(slots));
      assertNotSame(slots.take(), others.take(user));
    }

    @Test
    void slotsThatAreThereFindsItsOwnAlsoAfterACollection() {
      comeOften(user, slots);

      System.gc();

      slots.put(user, slots.take(user));
      assertEquals(1, made.size());
    }

    @Test
    void slotsThatWereClearedKeepsNothingAliveAndBeginsAnew() {
      comeOften(user, slots);

      slots.clear();

      assertEquals(0, aliveAfterCollection(0));
      assertNull(user.own(slots));
      comeOften(user, slots);
      assertEquals(2, made.size());
    }

    @Test
    void slotsWithVeryManyUsersMakesThemKeepAFewAlone() {
      List<AeadUser> many = Stream.generate(AeadUser::new).limit(10_000).toList();

      many.forEach(one -> comeOften(one, slots));

      assertEquals(10_000, made.size());
      assertEquals(Slots.COUNT, aliveAfterCollection(Slots.COUNT));
      many.forEach(one -> slots.put(one, slots.take(one)));
    }
  }

  /** The JDK's AES, of which each engine is known. */
  private final class Tracked extends Provider {
    private static final long serialVersionUID = 1L;

    Tracked() {
      super("Tracked", "1", "for tests");
      putService(
          new Service(this, "Cipher", "AES/GCM/NoPadding", "FaultyGcm", null, null) {
            @Override
            public Object newInstance(Object parameter) {
              return tracked(new FaultyGcm() {});
            }
          });
    }
  }

  private final Engine engine = new Engine(new Tracked(), "Tracked 1");
  private final IvSource ivs = new IvSource();

  static Stream<Function<Engine, Aead>> aeads() {
    return Stream.of(e -> AesGcm.of(e, new byte[32]), e -> Xaes.of(e, new byte[32]));
  }

  private void work(Aead aead, AeadUser user) throws Exception {
    Iv iv = ivs.draw(aead.ivBytes());
    byte[] sealed = new byte[1 + aead.tagBytes()];
    aead.seal(user, iv, NOTHING, new byte[1], 0, 1, sealed, 0);
    aead.open(user, iv.bytes(), 0, NOTHING, sealed, 0, sealed.length, new byte[1], 0);
  }

  @ParameterizedTest
  @MethodSource("aeads")
  void idleUserKeepsTheEngineForAsLongAsThereIsTheKey(Function<Engine, Aead> of) throws Exception {
    Aead aead = of.apply(engine);
    AeadUser user = new AeadUser();
    for (int i = 0; i < AeadUser.OFTEN; i++) {
      work(aead, user);
    }

    System.gc();
    work(aead, user);
    assertEquals(1, made.size());
    aead.destroy();

    assertEquals(0, aliveAfterCollection(0));
    assertThrows(DestroyedKeyException.class, () -> work(aead, user));
  }

  @ParameterizedTest
  @MethodSource("aeads")
  void destroyedKeyLeavesNoEngineWhateverItMeets(Function<Engine, Aead> of) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(users.size());
    for (int round = 0; round < 300; round++) {
      Aead aead = of.apply(engine);
      AtomicBoolean over = new AtomicBoolean();
      List<Future<?>> working = new ArrayList<>();
      for (AeadUser user : users) {
        working.add(pool.submit(() -> workUntil(over, aead, user)));
      }
      // Now and then just as a user is about to be kept its own.
      for (int i = 0; i < AeadUser.OFTEN / 2 + round % 40; i++) {
        work(aead, new AeadUser());
      }
      over.set(true);
      aead.destroy();
      destroyed.add(aead);
      for (Future<?> worker : working) {
        worker.get();
      }
    }
    pool.shutdown();

    assertTrue(made.size() >= 300);
    assertEquals(0, aliveAfterCollection(0));
  }

  /** Ends with the message that is under way, which would else take out what the last left. */
  private int workUntil(AtomicBoolean over, Aead aead, AeadUser user) throws Exception {
    try {
      while (!over.get()) {
        work(aead, user);
      }
    } catch (DestroyedKeyException e) {
      // It came too late.
    }
    return 0;
  }
}
