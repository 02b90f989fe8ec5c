package org.kms4j.aead;

import java.lang.reflect.InvocationTargetException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import org.jspecify.annotations.Nullable;

/**
 * The engines in native code. Neither is a dependency: who wants one puts its library on the path
 * and names it; that it is there chooses nothing.
 *
 * <p>A provider of this class that the JVM has registered already is taken, since a native library
 * can be loaded by one class loader only; else one is made, and not registered. What was loaded is
 * kept for the JVM; a failure is not, and the next call tries again.
 *
 * <p>Threat: an engine that loads but does not work, or that silently is another one. Each is asked
 * for its health by its own means before it is used, and {@link SelfTest} follows.
 *
 * <p>Safe for use by many threads.
 */
abstract sealed class NativeEngine {
  static final NativeEngine ACCP = new Accp();
  static final NativeEngine CONSCRYPT = new Conscrypt();

  private final String setting;
  private final String className;
  private @Nullable Engine loaded;

  private NativeEngine(String setting, String className) {
    this.setting = setting;
    this.className = className;
  }

  /** Throws if it does not work; else its version. */
  abstract String examine(Provider provider) throws ReflectiveOperationException;

  private static Object call(Object on, String method) throws ReflectiveOperationException {
    return String.valueOf(on.getClass().getMethod(method).invoke(on));
  }

  /** Conscrypt clears the bytes behind the result, to the end of the ciphertext's length. */
  static boolean keepsToTheResult(Provider provider) {
    return !provider.getClass().getName().equals(Conscrypt.CLASS_NAME);
  }

  synchronized Engine load() {
    Engine known = loaded;
    if (known == null) {
      known = find();
      loaded = known;
    }
    return known;
  }

  private Engine find() {
    try {
      Provider provider = provider();
      return new Engine(provider, provider.getName() + " " + examine(provider));
    } catch (ClassNotFoundException e) {
      throw refused("is not on the class path or module path", e);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw refused("does not work here: " + deepest(cause), cause);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw refused("does not work here: " + deepest(e), e);
    }
  }

  private Provider provider() throws ReflectiveOperationException {
    for (Provider registered : Security.getProviders()) {
      if (registered.getClass().getName().equals(className)) {
        return registered;
      }
    }
    return Class.forName(className).asSubclass(Provider.class).getConstructor().newInstance();
  }

  /** What says most: these libraries wrap a failure to load several times. */
  private static Throwable deepest(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause == null ? thrown : deepest(cause);
  }

  private ProviderException refused(String why, Throwable cause) {
    return new ProviderException("kms.engine=" + setting + ": " + className + " " + why, cause);
  }

  private static final class Accp extends NativeEngine {
    Accp() {
      super("accp", "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider");
    }

    @Override
    String examine(Provider provider) throws ReflectiveOperationException {
      // Throws what kept the library from loading, or which of its self-tests failed.
      call(provider, "assertHealthy");
      return provider.getVersionStr();
    }
  }

  private static final class Conscrypt extends NativeEngine {
    static final String CLASS_NAME = "org.conscrypt.OpenSSLProvider";

    Conscrypt() {
      super("conscrypt", CLASS_NAME);
    }

    @Override
    String examine(Provider provider) throws ReflectiveOperationException {
      // Where the library does not load the constructor has failed already. The provider says 1.0
      // whatever the version of the library.
      ClassLoader loader = provider.getClass().getClassLoader();
      Class<?> library = Class.forName("org.conscrypt.Conscrypt", true, loader);
      Object version = library.getMethod("version").invoke(null);
      return call(version, "major") + "." + call(version, "minor") + "." + call(version, "patch");
    }
  }
}
