package org.kms4j.aead;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * The implementation of AES below us: which provider it is, and whether it computes rightly here.
 *
 * <p>Threat: JDK-8371864 and JDK-8292158, in which compiled AES-GCM gave wrong output at some
 * lengths. {@link #start} compares the engine with a second implementation in the background; if
 * they ever differ, every further operation is refused, naming the JDK.
 *
 * <p>Safe for use by many threads.
 */
public final class Engine {
  private static final Engine SUN_JCE = new Engine(Security.getProvider("SunJCE"));

  private final Provider provider;
  private volatile @Nullable String fault;
  private boolean started;

  private Engine(@Nullable Provider provider) {
    if (provider == null) {
      throw new ProviderException(
          "the JDK's provider SunJCE, which kms4j computes with, is absent");
    }
    this.provider = provider;
  }

  /** The JDK's own. */
  public static Engine sunJce() {
    return SUN_JCE;
  }

  /** The provider itself, for what else the JDK computes. */
  public Provider provider() {
    return provider;
  }

  /** Name and version, for {@code Provider.getInfo}. */
  public String name() {
    return provider.getName() + " " + provider.getVersionStr();
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
    Thread thread = new Thread(() -> fault = new SelfTest(this).run(), "kms-self-test");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
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

  Cipher ecb() {
    return cipher("AES/ECB/NoPadding");
  }

  Cipher ctr() {
    return cipher("AES/CTR/NoPadding");
  }

  private Cipher cipher(String transformation) {
    try {
      return Cipher.getInstance(transformation, provider);
    } catch (GeneralSecurityException e) {
      throw new ProviderException(name() + " lacks " + transformation, e);
    }
  }
}
