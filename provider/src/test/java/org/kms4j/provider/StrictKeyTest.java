package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.Database;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/** Keys of a node that cannot renew its lease: those that are strict stop, the others go on. */
@Timeout(60)
class StrictKeyTest {
  private static final byte[] TEXT = KmsFixture.text("attack at dawn");
  private static final Duration AGE = Duration.ofSeconds(1);

  private final MemoryStore store = new MemoryStore();
  private final Link link = new Link(store);
  private final KmsFixture kms = KmsFixture.over(link.asStore());
  private final KmsKey strict = create(KeyAlgorithm.AES_256_GCM, true);

  StrictKeyTest() throws Exception {}

  @AfterEach
  void close() {
    link.cut = false;
    kms.close();
  }

  /** What lies between one node and the store that it shares with others. */
  private static final class Link implements InvocationHandler {
    private final WrappedKeyStore store;
    private final Set<Thread> refused = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean cutsAfterFind;

    Link(WrappedKeyStore store) {
      this.store = store;
    }

    WrappedKeyStore asStore() {
      Class<?>[] types = {WrappedKeyStore.class};
      return (WrappedKeyStore) Proxy.newProxyInstance(Link.class.getClassLoader(), types, this);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (cut) {
        refused.add(Thread.currentThread());
        throw new StoreException("the link is cut");
      }
      try {
        return method.invoke(store, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      } finally {
        cut |= cutsAfterFind && method.getName().equals("find");
      }
    }
  }

  private KmsKey create(KeyAlgorithm algorithm, boolean isStrict) throws Exception {
    NewKeySpec spec = NewKeySpec.of("", algorithm).withStrict(isStrict);
    UUID id = UUID.randomUUID();
    if (algorithm.isKeyPair()) {
      return KmsKey.of(kms.keyring.importKey(id, spec, KeyPairs.pkcs8(algorithm)).id());
    }
    return KmsKey.of(kms.keyring.create(spec).id());
  }

  /** Cuts the link, and returns when the node's lease has ended. */
  private void outliveTheLease() throws Exception {
    // The node's own watch may wipe keys once more, since their changes were some as well.
    kms.keyring.memory().confirmNow();
    kms.seal(strict, TEXT);
    link.cut = true;
    awaitRefusal(System.nanoTime(), () -> kms.seal(strict, TEXT));
  }

  /** By the promise: nothing is served from memory after the lease. */
  private static void awaitRefusal(long cutAt, Callable<?> operation) throws Exception {
    while (true) {
      long began = System.nanoTime();
      try {
        operation.call();
        Thread.sleep(10);
      } catch (StoreException e) {
        return;
      }
      assertTrue(began - cutAt < KmsFixture.LEASE.toNanos(), "served after the lease");
    }
  }

  private void assertServesIf(boolean serves, Executable operation) throws Exception {
    if (serves) {
      try {
        operation.execute();
      } catch (Throwable e) {
        throw new AssertionError("a key that is not strict stopped", e);
      }
    } else {
      assertThrows(StoreException.class, operation);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ciphersStopWithTheLeaseIfTheKeyIsStrict(boolean isStrict) throws Exception {
    KmsKey key = create(KeyAlgorithm.XAES_256_GCM, isStrict);
    kms.keyring.memory().confirmNow();
    byte[] message = kms.seal(key, TEXT);
    Cipher sealing = kms.sealing(key);
    Cipher opening = kms.opening(key);
    Cipher used = kms.opening(key);
    used.doFinal(message);

    outliveTheLease();

    assertServesIf(!isStrict, () -> sealing.doFinal(TEXT));
    assertServesIf(!isStrict, () -> assertArrayEquals(TEXT, opening.doFinal(message)));
    assertServesIf(!isStrict, () -> assertArrayEquals(TEXT, used.doFinal(message)));
    assertServesIf(!isStrict, () -> kms.seal(key, TEXT));
    assertServesIf(!isStrict, () -> assertArrayEquals(TEXT, kms.open(key, message)));
    assertServesIf(
        !isStrict,
        () -> {
          sealing.init(Cipher.ENCRYPT_MODE, key);
          sealing.doFinal(TEXT);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void macsStopWithTheLeaseIfTheKeyIsStrict(boolean isStrict) throws Exception {
    KmsKey key = create(KeyAlgorithm.HMAC_SHA_256, isStrict);
    kms.keyring.memory().confirmNow();
    Mac mac = Mac.getInstance("HmacSHA256", kms.provider);
    mac.init(key);
    byte[] before = mac.doFinal(TEXT);

    outliveTheLease();

    assertServesIf(!isStrict, () -> assertArrayEquals(before, mac.doFinal(TEXT)));
    Mac another = Mac.getInstance("HmacSHA256", kms.provider);
    assertServesIf(
        !isStrict,
        () -> {
          another.init(key);
          assertArrayEquals(before, another.doFinal(TEXT));
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void signaturesStopWithTheLeaseIfTheKeyIsStrict(boolean isStrict) throws Exception {
    UUID id = create(KeyAlgorithm.ECC_NIST_P256, isStrict).keyId();
    kms.keyring.memory().confirmNow();
    KmsPrivateKey key = kms.keyring.privateKey(id);
    Signature signature = Signature.getInstance("SHA256withECDSA", kms.provider);
    signature.initSign(key);

    outliveTheLease();

    assertServesIf(
        !isStrict,
        () -> {
          signature.update(TEXT);
          signature.sign();
        });
    assertServesIf(!isStrict, () -> signature.initSign(key));
    assertServesIf(!isStrict, () -> kms.keyring.publicKey(id));
  }

  @Test
  void keyThatIsNotStrictButNotRememberedIsNotServed() throws Exception {
    KmsKey cold = create(KeyAlgorithm.AES_256_GCM, false);

    outliveTheLease();

    assertThrows(StoreException.class, () -> kms.seal(cold, TEXT));
  }

  @Test
  void materialDoesNotLeaveAfterTheLeaseWhetherTheKeyIsStrictOrNot() throws Exception {
    NewKeySpec spec =
        new NewKeySpec(KeyMetadata.DEFAULT_PROJECT, "", "", KeyAlgorithm.AES_256_GCM, true, false);
    KmsKey key = KmsKey.of(kms.keyring.create(spec).id());
    kms.keyring.memory().confirmNow();
    kms.seal(key, TEXT);

    outliveTheLease();

    assertFalse(kms.keyring.describe(key.keyId()).strict());
    assertThrows(StoreException.class, () -> kms.keyring.export(key.keyId()));
  }

  @Test
  void whatWasDisabledMeanwhileIsConfirmedAndStopsWhenTheStoreIsBack() throws Exception {
    KmsKey key = create(KeyAlgorithm.AES_256_GCM, false);
    kms.keyring.memory().confirmNow();
    kms.seal(key, TEXT);
    outliveTheLease();

    try (KmsFixture other = KmsFixture.over(store)) {
      Revocation disabled = other.keyring.disable(key.keyId(), Duration.ofMinutes(1));
      assertTrue(disabled.confirmed(), "it waits for a node that has no lease");
      assertEquals(KeyState.DISABLED, disabled.key().state());
    }
    kms.seal(key, TEXT);

    link.cut = false;

    awaitRevoked(key);
    assertThrows(KeyStateException.class, () -> kms.seal(key, TEXT));
  }

  private void awaitRevoked(KmsKey key) throws Exception {
    while (true) {
      try {
        kms.seal(key, TEXT);
      } catch (StoreException e) {
        // It is about to drop the key.
      } catch (KeyStateException e) {
        return;
      }
      Thread.sleep(1);
    }
  }

  @Test
  void noMessageAsksAStoreThatIsKnownToBeAway() throws Exception {
    KmsKey key = create(KeyAlgorithm.AES_256_GCM, false);
    kms.keyring.memory().confirmNow();
    byte[] message = kms.seal(key, TEXT);
    outliveTheLease();
    link.refused.remove(Thread.currentThread());

    for (int i = 0; i < 100; i++) {
      kms.seal(key, TEXT);
      kms.open(key, message);
    }

    assertFalse(link.refused.contains(Thread.currentThread()));
    assertThrows(StoreException.class, () -> kms.keyring.memory().confirmNow());
    assertTrue(link.refused.contains(Thread.currentThread()), "it records nothing");
  }

  @Test
  void keyThatIsNotStrictOutlivesItsAgeToo() throws Exception {
    KmsKey key = create(KeyAlgorithm.AES_256_GCM, false);
    Link own = new Link(store);
    Pace pace = new Pace(EpochWatch.INTERVAL, KmsFixture.LEASE, AGE);
    try (KmsFixture node = KmsFixture.over(own.asStore(), pace)) {
      // From the moment on that it is loaded, so that it cannot grow old before.
      own.cutsAfterFind = true;
      ResolvedKey held = node.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT);
      awaitRefusal(
          System.nanoTime(),
          () -> {
            node.keyring.memory().confirm();
            return null;
          });
      long old = held.loadedAt() + AGE.toNanos();
      while (System.nanoTime() - old < 0) {
        Thread.sleep(10);
      }

      assertSame(held, node.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT));

      own.cutsAfterFind = false;
      own.cut = false;
      while (!held.destroyed()) {
        Thread.sleep(10);
      }
    }
  }

  @Test
  void copyThatCannotReachItsStoreHasNoKeyThatIsNotStrict() throws Exception {
    KmsKey key = create(KeyAlgorithm.AES_256_GCM, false);
    kms.keyring.memory().confirmNow();
    kms.seal(key, TEXT);
    link.cut = true;

    kms.keyring.reseed();

    assertThrows(StoreException.class, () -> kms.seal(key, TEXT));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoEditsTheFlagInTheStoreGetsNoKeyOfIt(boolean isStrict, @TempDir Path folder)
      throws Exception {
    try (Database database = Database.open("jdbc:sqlite:" + folder.resolve("kms.db"));
        KmsFixture edited = KmsFixture.over(JdbcStore.open(database))) {
      NewKeySpec spec = NewKeySpec.of("", KeyAlgorithm.AES_256_GCM).withStrict(isStrict);
      KmsKey key = KmsKey.of(edited.keyring.create(spec).id());
      edited.seal(key, TEXT);

      database.writeDistinct(session -> session.update("UPDATE kms_key SET strict = 1 - strict"));
      edited.keyring.cache().forget(key.keyId());

      assertThrows(RootKeyException.class, () -> edited.seal(key, TEXT));
    }
  }
}
