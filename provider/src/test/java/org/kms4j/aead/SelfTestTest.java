package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.Provider;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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
  void engineThatComputesRightlyPasses(Engine engine) {
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
  void engineThatGoesWrongIsRefusedWithItsNameAndThatOfTheJdk(Fault planted) {
    String fault = String.valueOf(new SelfTest(planted.engine()).run());

    assertTrue(fault.contains("Faulty 1 gives a wrong result " + planted.told), fault);
    assertTrue(fault.contains("Java " + Runtime.version()), fault);
  }

  @Test
  @Conformance("C-55")
  void engineWhoseSelfTestFailedSealsAndOpensNothing() throws Exception {
    Engine engine = Fault.AT_ONE_LENGTH.engine();
    AesGcm gcm = AesGcm.of(engine, new byte[32]);
    Xaes xaes = Xaes.of(engine, new byte[32]);
    IvSource ivs = new IvSource();

    engine.start();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("kms-self-test"))
        .forEach(SelfTestTest::join);

    byte[] to = new byte[100];
    assertThrows(
        ProviderException.class,
        () -> gcm.seal(ivs.draw(12), new byte[0], to, 0, 1, new byte[17], 0));
    assertThrows(
        ProviderException.class,
        () -> xaes.seal(ivs.draw(24), new byte[0], to, 0, 1, new byte[49], 0));
    assertThrows(
        ProviderException.class,
        () -> gcm.open(new byte[12], 0, new byte[0], to, 0, 17, new byte[1], 0));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
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
}
