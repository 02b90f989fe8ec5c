package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.Provider;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;

class SelfTestTest {
  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @MethodSource("org.kms4j.aead.Engines#present")
  @Conformance("C-55")
  void engineThatComputesRightlyPasses(Engine engine) throws Exception {
    assertNull(new SelfTest(engine).run());
  }

  /** What a fault of the engine's own would look like. */
  private enum Fault {
    AT_ONE_LENGTH("at 1537 bytes", FaultyGcm.AtOneLength::new),
    OF_OLD_KEY("when the key changes", FaultyGcm.OfOldKey::new),
    OF_ANY_TAG("for a message that was changed", FaultyGcm.OfAnyTag::new);

    private final String told;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor
    private final Supplier<FaultyGcm> make;

    Fault(String told, Supplier<FaultyGcm> make) {
      this.told = told;
      this.make = make;
    }

    Engine engine() {
      return new Engine(new FaultyProvider(make), "Faulty 1");
    }
  }

  private static final class FaultyProvider extends Provider {
    private static final long serialVersionUID = 1L;

    FaultyProvider(Supplier<FaultyGcm> make) {
      super("Faulty", "1", "for tests");
      putService(
          new Service(this, "Cipher", "AES/GCM/NoPadding", "FaultyGcm", null, null) {
            @Override
            public Object newInstance(Object parameter) {
              return make.get();
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-55")
  void engineThatGoesWrongIsRefusedWithItsNameAndThatOfTheJdk(Fault planted) throws Exception {
    String fault = String.valueOf(new SelfTest(planted.engine()).run());

    assertTrue(fault.contains("Faulty 1 gives a wrong result " + planted.told), fault);
    assertTrue(fault.contains("Java " + Runtime.version()), fault);
  }

  private static Engine wrong(int mode, IntPredicate at) {
    return new Engine(new WrongProvider(mode, at), "Wrong 1");
  }

  @Test
  void referenceIsWhatBouncyCastleComputes() throws Exception {
    byte[] key = bytes(1, 32);
    byte[] iv = bytes(2, 12);
    byte[] message = bytes(3, 5_000);
    SelfTest.Reference reference = new SelfTest.Reference(key);
    Cipher bc = Cipher.getInstance("AES/GCM/NoPadding", new BouncyCastleProvider());
    for (int length = 0; length <= 5_000; length += length < 70 ? 1 : 331) {
      byte[] aad = bytes(4, length % 37);
      // Bouncy Castle refuses one IV twice: it must be a new one.
      iv[0]++;
      iv[1] = (byte) length;
      iv[2] = (byte) (length >>> 8);
      bc.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
      bc.updateAAD(aad);

      byte[] expected = bc.doFinal(message, 0, length);

      assertArrayEquals(expected, reference.seal(iv, aad, message, length), length + " bytes");
    }
  }

  @Test
  void plantedFaultIsSeenInEveryByte() {
    byte[] key = bytes(1, 32);
    byte[] iv = bytes(2, 12);
    byte[] message = bytes(3, 200);
    SelfTest.Reference reference = new SelfTest.Reference(key);
    byte[] right = reference.seal(iv, new byte[0], message, 200);

    for (int at = 0; at < message.length; at++) {
      byte[] wrong = message.clone();
      wrong[at] ^= 1;
      byte[] sealed = reference.seal(iv, new byte[0], wrong, 200);

      assertFalse(Arrays.equals(right, sealed));
      assertFalse(Arrays.equals(right, 200, 216, sealed, 200, 216), "the tag differs too");
    }
  }

  @Test
  @Conformance("C-55")
  void lengthsWhereCompiledCodeWentWrongAreAllCompared() throws Exception {
    Set<Integer> wanted = new TreeSet<>();
    IntStream.rangeClosed(0, 2_048).forEach(wanted::add);
    for (int k = 1; k <= 16; k++) {
      wanted.addAll(Set.of(k * 512 - 1, k * 512 + 1, k * 768 - 1, k * 768 + 1));
    }
    for (int around : new int[] {1 << 16, 1 << 20}) {
      wanted.addAll(Set.of(around - 1, around + 1));
    }
    WrongProvider never = new WrongProvider(Cipher.ENCRYPT_MODE, length -> false);

    assertNull(new SelfTest(new Engine(never, "Wrong 1")).run());

    wanted.removeAll(never.lengths());
    assertEquals(Set.of(), wanted);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 511, 769, 3_585, 65_535, (1 << 20) + 1})
  @Conformance("C-55")
  void oneWrongBitAtOneLengthIsFoundAndNamesLengthAndJdk(int length) throws Exception {
    Engine engine = wrong(Cipher.ENCRYPT_MODE, n -> n == length);

    String found = String.valueOf(new SelfTest(engine).run());

    assertTrue(found.contains(" " + length + " bytes"), found);
    assertTrue(found.contains(Runtime.version().toString()), found);
    assertTrue(found.contains("Wrong 1"), found);
  }

  @Test
  @Conformance("C-55")
  void wrongDecryptionIsFoundToo() throws Exception {
    Engine engine = wrong(Cipher.DECRYPT_MODE, n -> n == 1_025);

    assertTrue(String.valueOf(new SelfTest(engine).run()).contains(" 1025 bytes"));
  }

  @Test
  @Conformance("C-55")
  void wrongEngineIsTestedInTheBackgroundAndThenRefusesToServe() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    Set<Thread> testers = ConcurrentHashMap.newKeySet();
    Engine engine =
        wrong(
            Cipher.ENCRYPT_MODE,
            length -> {
              testers.add(Thread.currentThread());
              await(goOn);
              return length == 600;
            });

    // Returns though the test cannot have gone far: it waits for what comes after.
    engine.start(this);
    engine.start(goOn);
    engine.check();
    goOn.countDown();
    ProviderException e = awaitRefusal(engine);

    // One thread, which keeps neither the JVM alive nor a class loader.
    assertEquals(1, testers.size());
    for (Thread tester : testers) {
      assertNotSame(Thread.currentThread(), tester);
      assertTrue(tester.isDaemon());
      assertNull(tester.getContextClassLoader());
    }
    assertTrue(String.valueOf(e.getMessage()).contains("on Java " + Runtime.version()));
    AesGcm gcm = AesGcm.of(engine, new byte[32]);
    Xaes xaes = Xaes.of(engine, new byte[32]);
    byte[] to = new byte[100];
    assertThrows(
        ProviderException.class, () -> gcm.seal(new AeadUser(), iv(12), to, to, 0, 5, to, 10));
    assertThrows(
        ProviderException.class, () -> gcm.open(new AeadUser(), to, 0, to, to, 0, 50, to, 50));
    assertThrows(
        ProviderException.class, () -> xaes.seal(new AeadUser(), iv(24), to, to, 0, 5, to, 10));
    assertThrows(
        ProviderException.class, () -> xaes.open(new AeadUser(), to, 0, to, to, 0, 50, to, 50));
  }

  @Test
  @Conformance("C-55")
  void engineWhoseTestBreaksOffRefusesToServe() throws Exception {
    Engine engine =
        wrong(
            Cipher.ENCRYPT_MODE,
            length -> {
              throw new IllegalStateException("broken");
            });

    engine.start(this);

    assertTrue(String.valueOf(awaitRefusal(engine).getMessage()).contains("broken"));
  }

  @Test
  @Conformance({"C-13", "C-55"})
  void testEndsWithTheLastUserAndBeginsAnewWithTheNext() throws Exception {
    Set<Thread> testers = ConcurrentHashMap.newKeySet();
    CountDownLatch begun = new CountDownLatch(1);
    Engine engine =
        wrong(
            Cipher.ENCRYPT_MODE,
            length -> {
              testers.add(Thread.currentThread());
              begun.countDown();
              return length == 600;
            });
    Object other = new Object();
    engine.start(this);
    engine.start(other);
    begun.await();

    engine.stop(this);
    engine.stop(this);
    engine.stop(other);

    // Either it was ended, or it was so quick that it had found the fault by itself.
    assertTrue(testers.stream().noneMatch(Thread::isAlive));
    engine.start(this);
    assertTrue(String.valueOf(awaitRefusal(engine).getMessage()).contains(" 600 bytes"));
  }

  private static Iv iv(int length) {
    return new IvSource().draw(length);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ProviderException awaitRefusal(Engine engine) {
    while (true) {
      try {
        engine.check();
        Thread.onSpinWait();
      } catch (ProviderException e) {
        return e;
      }
    }
  }
}
