package org.kms4j.provider;

import java.io.NotSerializableException;
import java.io.Serial;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.InvalidParameterException;
import java.security.Provider;
import java.security.ProviderException;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;

/**
 * The JCA provider {@code KMS}: names the services and hands each its keyring.
 *
 * <p>{@code new KmsProvider(keyring)} is ready. The instance that {@code ServiceLoader} and {@code
 * security.provider.N=KMS} make offers nothing until {@link #configure} gives another one that
 * does. Several instances with different keyrings live side by side and share nothing.
 *
 * <p>Threat: a key of one keyring used in another. A handle is resolved in the keyring of the
 * provider that the {@code Cipher} came from, and nowhere else.
 *
 * <p>Safe for use by many threads. Source: Java Cryptography Architecture, "How to Implement a
 * Provider".
 */
public final class KmsProvider extends Provider {
  /** What {@code Cipher.getInstance(…, "KMS")} asks for. */
  public static final String NAME = "KMS";

  @Serial private static final long serialVersionUID = 1L;
  private static final String VERSION = "0.1";

  private static final Map<String, String> KEYS =
      Map.of("SupportedKeyClasses", KmsKey.class.getName());

  private static final Map<String, String> PRIVATE_KEYS =
      Map.of("SupportedKeyClasses", KmsPrivateKey.class.getName());

  private final transient @Nullable Keyring keyring;

  /** Offers nothing; see {@link #configure}. */
  public KmsProvider() {
    super(NAME, VERSION, "kms4j, not configured");
    this.keyring = null;
  }

  /** Offers all services over this keyring, which stays the caller's to close. */
  public KmsProvider(Keyring keyring) {
    super(NAME, VERSION, "kms4j: KMS/GCM/NoPadding over " + keyring.engine().name());
    this.keyring = keyring;
    offer(
        "Cipher",
        NAME,
        KmsCipher.class,
        KmsCipher::new,
        Map.of(
            "SupportedModes", "GCM",
            "SupportedPaddings", "NOPADDING",
            "SupportedKeyClasses", KmsKey.class.getName()));
    // The JDK asks for the whole name first: found, it need not ask three times more.
    offer("Cipher", NAME + "/GCM/NoPadding", KmsCipher.class, KmsCipher::new, KEYS);
    offerMacs();
    offerSignatures();
    offer("KeyPairGenerator", NAME, KmsKeyPairGenerator.class, KmsKeyPairGenerator::new, Map.of());
    offer("KeyGenerator", NAME, KmsKeyGenerator.class, KmsKeyGenerator::new, Map.of());
    offer("SecretKeyFactory", NAME, KmsSecretKeyFactory.class, KmsSecretKeyFactory::of, Map.of());
    offer("KeyStore", NAME, KmsKeyStore.class, KmsKeyStore::new, Map.of());
  }

  /**
   * A provider over the keyring that a home folder or a properties file describes ({@link
   * KeyringConfig}). It lives as long as the JVM.
   *
   * @throws InvalidParameterException if there is no such folder or file, or a setting in it is
   *     wrong; the message names it
   */
  @Override
  public Provider configure(String homeOrFile) {
    try {
      return new KmsProvider(KeyringConfig.load(Path.of(homeOrFile)).open());
    } catch (IllegalArgumentException | ProviderException e) {
      InvalidParameterException refused =
          new InvalidParameterException("KMS cannot use '" + homeOrFile + "': " + e.getMessage());
      refused.initCause(e);
      // keytool and the list in java.security drop the exception and say "not found".
      System.getLogger(KmsProvider.class.getName()).log(Level.WARNING, refused.getMessage());
      throw refused;
    }
  }

  @Override
  public boolean isConfigured() {
    return keyring != null;
  }

  /**
   * The keyring, to create and rotate keys where the provider came from a configuration.
   *
   * @throws IllegalStateException if it is not configured
   */
  public Keyring keyring() {
    if (keyring == null) {
      throw new IllegalStateException("the provider KMS is not configured");
    }
    return keyring;
  }

  private void offerMacs() {
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      if (algorithm.usage() == KeyUsage.GENERATE_VERIFY_MAC) {
        offer("Mac", algorithm.standardName(), KmsMac.class, k -> new KmsMac(k, algorithm), KEYS);
      }
    }
  }

  /** ML-DSA only where somebody computes it: what is offered works. */
  private void offerSignatures() {
    boolean mlDsa = SigningEngine.hasMlDsa();
    for (SignatureScheme scheme : SignatureScheme.values()) {
      if (mlDsa || !scheme.keyName().equals("ML-DSA")) {
        offer(
            "Signature",
            scheme.standardName(),
            KmsSignature.class,
            k -> new KmsSignature(k, scheme),
            PRIVATE_KEYS);
      }
    }
  }

  @Serial
  private Object writeReplace() throws NotSerializableException {
    throw new NotSerializableException(KmsProvider.class.getName());
  }

  private void offer(
      String type,
      String algorithm,
      Class<?> spi,
      Function<Keyring, Object> make,
      Map<String, String> attributes) {
    putService(new KmsService(this, type, algorithm, spi, make, attributes));
  }

  /** Makes SPIs by a plain {@code new}, so that they stay package-private. */
  private static final class KmsService extends Service {
    private final Keyring keyring;
    private final Function<Keyring, Object> make;

    KmsService(
        KmsProvider provider,
        String type,
        String algorithm,
        Class<?> spi,
        Function<Keyring, Object> make,
        Map<String, String> attributes) {
      super(provider, type, algorithm, spi.getName(), null, attributes);
      this.keyring = provider.keyring();
      this.make = make;
    }

    @Override
    public Object newInstance(@Nullable Object parameter) {
      if (parameter != null) {
        throw new InvalidParameterException(
            getType() + "." + getAlgorithm() + " takes no constructor parameter");
      }
      return make.apply(keyring);
    }

    @Override
    public boolean supportsParameter(@Nullable Object parameter) {
      return getType().equals("Signature")
          ? parameter instanceof KmsPrivateKey
          : parameter instanceof KmsKey;
    }
  }
}
