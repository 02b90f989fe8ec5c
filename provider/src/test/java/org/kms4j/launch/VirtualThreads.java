package org.kms4j.launch;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** A JVM whose virtual threads seal and open, while keys are rotated under them. */
public final class VirtualThreads {
  private static final int THREADS = 200;
  private static final int ROTATIONS = 25;

  private VirtualThreads() {}

  /** The home folder. */
  public static void main(String... arguments) throws Exception {
    Keyring keyring = KeyringConfig.load(Path.of(arguments[0])).open();
    KmsProvider kms = new KmsProvider(keyring);
    ExecutorService pool =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    pinOnPurpose(pool);
    long opened = 0;
    for (KeyAlgorithm algorithm : List.of(KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM)) {
      UUID id = keyring.create("", algorithm).id();
      // Warm: a class that is initialised for the first time may pin who waits for it.
      sealAndOpen(kms, id);
      opened += storm(pool, keyring, kms, id);
    }
    System.out.println("opened " + opened);
    System.exit(0);
  }

  /** Each rotation makes the next operation read the store. */
  private static long storm(ExecutorService pool, Keyring keyring, KmsProvider kms, UUID id)
      throws Exception {
    List<Future<Integer>> running = new ArrayList<>();
    CountDownLatch rotated = new CountDownLatch(1);
    for (int i = 0; i < THREADS; i++) {
      running.add(
          pool.submit(
              () -> {
                int done = 0;
                while (rotated.getCount() > 0 || done == 0) {
                  sealAndOpen(kms, id);
                  done++;
                }
                return done;
              }));
    }
    for (int i = 0; i < ROTATIONS; i++) {
      keyring.rotate(id);
    }
    rotated.countDown();
    long done = 0;
    for (Future<Integer> one : running) {
      done += one.get();
    }
    return done;
  }

  private static void sealAndOpen(KmsProvider kms, UUID id) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS", kms);
    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(id));
    byte[] message = cipher.doFinal(new byte[100]);
    cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(id));
    cipher.doFinal(message);
  }

  /** So that a recording without this one is known to have recorded nothing. */
  private static void pinOnPurpose(ExecutorService pool) throws Exception {
    Future<Boolean> pinned = pool.submit(() -> Pins.DONE);
    Gate.ENTERED.await();
    while (Gate.thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    Gate.LEAVE.countDown();
    pinned.get();
  }

  private static final class Gate {
    static final CountDownLatch ENTERED = new CountDownLatch(1);
    static final CountDownLatch LEAVE = new CountDownLatch(1);
    static volatile Thread thread = Thread.currentThread();
  }

  /** Waits in its static initialiser, where every JDK pins. */
  private static final class Pins {
    static final boolean DONE = waited();

    private static boolean waited() {
      try {
        Gate.thread = Thread.currentThread();
        Gate.ENTERED.countDown();
        Gate.LEAVE.await();
        return true;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
