package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Resource;
import org.crac.RestoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.store.MemoryStore;

/** What a process that was restored from a snapshot does with what it had read ahead. */
class SnapshotTest {
  private static final byte[] TEXT = KmsFixture.text("before");

  private KmsFixture kms;

  @BeforeEach
  void open() {
    kms = KmsFixture.open();
  }

  @AfterEach
  void close() {
    kms.close();
  }

  /** Holds what is registered weakly, as the contract has it, and restores when it is told to. */
  private static final class TestContext extends Context<Resource> {
    private final List<WeakReference<Resource>> resources = new ArrayList<>();

    @Override
    public void register(Resource resource) {
      resources.add(new WeakReference<>(resource));
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
      for (WeakReference<Resource> resource : resources) {
        Resource alive = resource.get();
        if (alive != null) {
          assertDoesNotThrow(() -> alive.beforeCheckpoint(this));
        }
      }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws RestoreException {
      for (WeakReference<Resource> resource : resources) {
        Resource alive = resource.get();
        if (alive != null) {
          assertDoesNotThrow(() -> alive.afterRestore(this));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_128_GCM", "AES_256_GCM", "XAES_256_GCM"})
  void cipherThatWasReadyBeforeRefusesAndIsReadyAgainAfterInit(KeyAlgorithm algorithm)
      throws Exception {
    KmsKey key = kms.key(algorithm);
    Cipher cipher = kms.sealing(key);
    cipher.update(TEXT);

    kms.keyring.reseed();

    IllegalStateException e = assertThrows(IllegalStateException.class, cipher::doFinal);
    assertTrue(KmsFixture.message(e).contains("initialise the cipher anew"));
    assertThrows(IllegalStateException.class, () -> cipher.doFinal(TEXT), "it has no IV any more");
    cipher.init(Cipher.ENCRYPT_MODE, key);
    assertArrayEquals(TEXT, kms.open(key, cipher.doFinal(TEXT)));
  }

  @Test
  void decryptionUnderWayIsOfNoConcern() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    byte[] message = kms.seal(key, TEXT);
    Cipher cipher = kms.opening(key);
    cipher.update(message, 0, 20);

    kms.keyring.reseed();

    assertArrayEquals(TEXT, cipher.doFinal(message, 20, message.length - 20));
  }

  @Test
  void restoringCallsWhatIsRegisteredUntilItIsClosed() throws Exception {
    TestContext context = new TestContext();
    AtomicInteger calls = new AtomicInteger();

    SnapshotHook hook = CracHook.register(context, calls::incrementAndGet);
    try (hook) {
      context.beforeCheckpoint(context);
      assertEquals(0, calls.get());
      context.afterRestore(context);
      context.afterRestore(context);
      assertEquals(2, calls.get());
    }
    context.afterRestore(context);
    assertEquals(2, calls.get(), "it was closed");
  }

  @Test
  void restoringReseedsTheKeyring() throws Exception {
    TestContext context = new TestContext();
    Cipher cipher = kms.sealing(kms.key(KeyAlgorithm.XAES_256_GCM));

    SnapshotHook hook = CracHook.register(context, kms.keyring::reseed);
    try (hook) {
      context.afterRestore(context);
    }

    assertThrows(IllegalStateException.class, () -> cipher.doFinal(TEXT));
  }

  @Test
  void whereOrgCracIsPresentItIsToldOfTheKeyring() {
    try (SnapshotHook hook = SnapshotHook.register(() -> {})) {
      assertInstanceOf(CracHook.class, hook);
    }
  }

  @Test
  void closedKeyringIsHeldByNothing() throws Exception {
    WeakReference<Keyring> gone = closed();

    // Ends by the time limit of the build if it is held.
    while (gone.get() != null) {
      System.gc();
      Thread.onSpinWait();
    }

    assertNull(gone.get());
  }

  private static WeakReference<Keyring> closed() {
    Keyring keyring = Keyring.open(new MemoryStore(), KmsFixture.rootKey());
    keyring.close();
    return new WeakReference<>(keyring);
  }
}
