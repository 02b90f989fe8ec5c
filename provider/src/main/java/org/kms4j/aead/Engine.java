package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import javax.crypto.Cipher;
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
  private static final Engine SUN_JCE = ofTheJdk();

  private final Provider provider;
  private final String name;
  private volatile @Nullable String fault;
  private boolean started;

  Engine(Provider provider, String name) {
    this.provider = provider;
    this.name = name;
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
   */
  public synchronized void start() {
    if (started) {
      return;
    }
    started = true;
    Thread thread = new Thread(() -> fault = test(), "kms-self-test");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  @Nullable String test() {
    SelfTest test = new SelfTest(this);
    // A JVM may lack the module, and with it the superclass of the event.
    return ModuleLayer.boot().findModule("jdk.jfr").isPresent()
        ? SelfTestEvent.during(this, test::run)
        : test.run();
  }

  /** Refuses when the self-test has failed. */
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

  /** Whether Java code computes this, which is fast only once it is compiled. */
  static boolean isJava(Cipher cipher) {
    return cipher.getProvider().getName().equals(SUN_JCE.provider.getName());
  }

  private Cipher cipher(String transformation) {
    try {
      return Cipher.getInstance(transformation, provider);
    } catch (GeneralSecurityException e) {
      throw new ProviderException(name + " lacks " + transformation, e);
    }
  }
}
