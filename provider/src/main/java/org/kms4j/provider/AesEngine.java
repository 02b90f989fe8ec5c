package org.kms4j.provider;

import java.security.ProviderException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.kms4j.aead.Engine;

/**
 * What computes AES-GCM for a keyring. All engines read and write the same messages, so a keyring
 * may be opened with another one at any time; {@code KmsProvider.getInfo()} names the one in use.
 *
 * <p>The engine is chosen, never found: a library that merely is on the path changes nothing, and
 * one that was chosen and is not there is an error, not a reason to take another.
 *
 * <p>Root keys, IVs, subkeys of xaes-256-gcm and HMAC are the JDK's with every engine.
 */
public enum AesEngine {
  /** The JDK's own, provider SunJCE; the default. */
  SUN_JCE("sunjce"),

  /**
   * The Amazon Corretto Crypto Provider, native code of AWS-LC; wants {@code
   * software.amazon.cryptools:AmazonCorrettoCryptoProvider} on the path.
   */
  ACCP("accp"),

  /**
   * Conscrypt, native code of BoringSSL; wants {@code org.conscrypt:conscrypt-openjdk-uber} on the
   * path.
   */
  CONSCRYPT("conscrypt");

  private final String text;

  AesEngine(String text) {
    this.text = text;
  }

  /** The spelling in the setting {@code kms.engine}. */
  public String text() {
    return text;
  }

  /** The engine with this exact spelling; throws {@link IllegalArgumentException} for any other. */
  public static AesEngine of(String text) {
    for (AesEngine engine : values()) {
      if (engine.text.equals(text)) {
        return engine;
      }
    }
    String known = Arrays.stream(values()).map(AesEngine::text).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown kms.engine '" + text + "', known: " + known);
  }

  /** Throws {@link ProviderException}, with the setting and the cause, if it cannot serve here. */
  Engine load() {
    return switch (this) {
      case SUN_JCE -> Engine.sunJce();
      case ACCP -> Engine.accp();
      case CONSCRYPT -> Engine.conscrypt();
    };
  }
}
