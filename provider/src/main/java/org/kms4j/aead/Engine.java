package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import javax.crypto.Cipher;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The implementation of AES-GCM below us: which provider it is, and whether it computes rightly
 * here. One object of each kind in a JVM (decisions/0008 and 0010).
 *
 * <p>Single AES blocks and counter mode are the JDK's whatever the engine: the IVs, the subkeys of
 * {@link Xaes} and the second implementation of the self-test come from there.
 *
 * <p>Threat: JDK-8371864 and JDK-8292158, in which compiled AES-GCM gave wrong output at some
 * lengths. {@link #start} compares the engine with a second implementation in the background; if
 * they ever differ, every further operation is refused, naming engine and JDK.
 *
 * <p>Safe for use by many threads.
 */
public final class Engine {
  private static final int KEY_BITS = 256;
  private static final Engine SUN_JCE = ofTheJdk();

  private final Provider provider;
  private final String name;
  private final boolean keepsToTheResult;
  private volatile @Nullable String fault;
  private final Set<Object> users = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable Thread tester;
  private boolean tested;

  Engine(Provider provider, String name) {
    this.provider = provider;
    this.name = name;
    this.keepsToTheResult = NativeEngine.keepsToTheResult(provider);
  }

  private static Engine ofTheJdk() {
    Provider provider = Security.getProvider("SunJCE");
    if (provider == null) {
      throw new ProviderException(
          "the JDK's provider SunJCE, which kms4j computes with, is absent");
    }
    return new Engine(provider, provider.getName() + " " + provider.getVersionStr());
  }

  /** The JDK's own. */
  public static Engine sunJce() {
    return SUN_JCE;
  }

  /**
   * The Amazon Corretto Crypto Provider.
   *
   * @throws ProviderException if it is not on the path, or does not work here; says why
   */
  public static Engine accp() {
    return NativeEngine.ACCP.load();
  }

  /**
   * Conscrypt.
   *
   * @throws ProviderException if it is not on the path, or does not work here; says why
   */
  public static Engine conscrypt() {
    return NativeEngine.CONSCRYPT.load();
  }

  /** The provider itself, for what else the JDK computes. */
  public Provider provider() {
    return provider;
  }

  /** Name and version, for {@code Provider.getInfo}. */
  public String name() {
    return name;
  }

  /**
   * Starts the self-test, which also brings the path of large messages to compiled code; once in a
   * JVM, on a daemon thread that ends within a second or so.
   *
   * @param user who computes with this engine until it calls {@link #stop}
   */
  public synchronized void start(Object user) {
    users.add(user);
    if (tested || tester != null) {
      return;
    }
    fault = limit();
    if (fault != null) {
      return;
    }
    Thread thread = new Thread(this::runSelfTest, "kms-self-test");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    tester = thread;
    thread.start();
  }

  /**
   * Ends a self-test that is under way with its last user, so that no thread outlives a web
   * application; whoever starts next begins it anew. Calling it twice is no matter.
   */
  public void stop(Object user) {
    Thread running = withoutUser(user);
    if (running != null) {
      running.interrupt();
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized @Nullable Thread withoutUser(Object user) {
    return users.remove(user) && users.isEmpty() ? tester : null;
  }

  private void runSelfTest() {
    boolean finished = false;
    try {
      fault = selfTest();
      finished = true;
    } catch (InterruptedException e) {
      // The last user is gone.
    } finally {
      ended(finished);
    }
  }

  private synchronized void ended(boolean finished) {
    tested = finished;
    tester = null;
    if (!finished && !users.isEmpty()) {
      // Another came while it was being interrupted.
      start(users.iterator().next());
    }
  }

  private @Nullable String selfTest() throws InterruptedException {
    try {
      SelfTest test = new SelfTest(this);
      // A JVM may lack the module, and with it the superclass of the event; and where nobody ever
      // recorded, to load the event costs a quarter of the time in which a server starts.
      return ModuleLayer.boot().findModule("jdk.jfr").isPresent() && FlightRecorder.isInitialized()
          ? SelfTestEvent.during(this, test::run)
          : test.run();
    } catch (RuntimeException e) {
      // A test that could not be run has not been passed.
      return "the self-test of AES-GCM of "
          + name()
          + " failed on Java "
          + Runtime.version()
          + ": "
          + e;
    }
  }

  private @Nullable String limit() {
    try {
      int bits = Cipher.getMaxAllowedKeyLength("AES");
      return bits >= KEY_BITS
          ? null
          : "the JVM's crypto.policy allows AES keys of "
              + bits
              + " bits, kms4j needs "
              + KEY_BITS
              + ": set crypto.policy=unlimited";
    } catch (NoSuchAlgorithmException e) {
      throw new ProviderException("the JDK does not know AES", e);
    }
  }

  /** Refuses when the self-test has failed, or the JVM's policy forbids what we compute. */
  void check() {
    String found = fault;
    if (found != null) {
      throw new ProviderException(found);
    }
  }

  Cipher gcm() {
    return cipher("AES/GCM/NoPadding");
  }

  static Cipher ecb() {
    return SUN_JCE.cipher("AES/ECB/NoPadding");
  }

  static Cipher ctr() {
    return SUN_JCE.cipher("AES/CTR/NoPadding");
  }

  /** Whether Java code computes it, which is fast only once it is compiled. */
  boolean isJava() {
    return this == SUN_JCE;
  }

  /** Whether a failed decryption changes no byte behind the result. */
  boolean keepsToTheResult() {
    return keepsToTheResult;
  }

  private Cipher cipher(String transformation) {
    try {
      return Cipher.getInstance(transformation, provider);
    } catch (GeneralSecurityException e) {
      throw new ProviderException(name + " lacks " + transformation, e);
    }
  }
}
