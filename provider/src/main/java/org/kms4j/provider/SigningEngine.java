package org.kms4j.provider;

import java.io.Serial;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import javax.crypto.KeyAgreement;
import org.kms4j.aead.Engine;
import org.kms4j.key.KeyAlgorithm;

/**
 * The implementation of signatures below us: the JDK's own, and Bouncy Castle for ML-DSA before JDK
 * 24. It is the one place that asks the JDK for key pairs and signatures, and it names the provider
 * each time: whatever stands first in the list of providers has no say.
 *
 * <p>Safe for use by many threads.
 */
final class SigningEngine {
  static final int RSA_BITS = 4_096;
  static final String MISSING_ML_DSA =
      "ML-DSA needs JDK 24 or newer, or Bouncy Castle (bcprov) on the path";

  private static final String BOUNCY_CASTLE_NAME =
      "org.bouncycastle.jce.provider.BouncyCastleProvider";

  /** To load the class, of a signed library, takes a third of a server's start. */
  private static final String BOUNCY_CASTLE_FILE = BOUNCY_CASTLE_NAME.replace('.', '/') + ".class";

  private SigningEngine() {}

  /** Whether somebody here computes ML-DSA. */
  static boolean hasMlDsa() {
    return registeredMlDsa().isPresent()
        || SigningEngine.class.getClassLoader().getResource(BOUNCY_CASTLE_FILE) != null;
  }

  /** The engine of a scheme, fresh. */
  static Signature signature(SignatureScheme scheme) {
    try {
      // The JDK has no such Signature, but makes one of SunJCE's RSA/ECB/PKCS1Padding.
      Provider provider =
          scheme == SignatureScheme.GIVEN_RSA
              ? Engine.sunJce().provider()
              : provider(scheme.keyName());
      return Signature.getInstance(scheme.standardName(), provider);
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the JDK lacks " + scheme.standardName(), e);
    }
  }

  /** A new pair; RSA takes seconds. */
  static KeyPair generate(KeyAlgorithm algorithm, SecureRandom random) {
    return generate(algorithm.standardName(), spec(algorithm), random);
  }

  private static KeyPair generate(String name, AlgorithmParameterSpec spec, SecureRandom random) {
    try {
      KeyPairGenerator generator = generator(name);
      generator.initialize(spec, random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the JDK makes no key pair of " + name, e);
    }
  }

  /**
   * The JDK's. That of EC cannot be made where another provider stands before it, whose {@code
   * AlgorithmParameters} it then finds and does not understand: there the other one makes pairs, as
   * it does for everybody in that JVM.
   */
  private static KeyPairGenerator generator(String name) throws NoSuchAlgorithmException {
    try {
      return KeyPairGenerator.getInstance(name, provider(name));
    } catch (NoSuchAlgorithmException e) {
      return KeyPairGenerator.getInstance(name);
    }
  }

  private static AlgorithmParameterSpec spec(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case RSA_4096 -> new RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4);
      case ECC_NIST_P256 -> new ECGenParameterSpec("secp256r1");
      case ECC_NIST_P384 -> new ECGenParameterSpec("secp384r1");
      case ECC_NIST_P521 -> new ECGenParameterSpec("secp521r1");
      case ML_DSA_44 -> new NamedParameterSpec("ML-DSA-44");
      case ML_DSA_65 -> new NamedParameterSpec("ML-DSA-65");
      case ML_DSA_87 -> new NamedParameterSpec("ML-DSA-87");
      default -> throw new AssertionError(algorithm + " is no key pair");
    };
  }

  /** The pair of ML-DSA that this seed gives. */
  static KeyPair expand(KeyAlgorithm algorithm, byte[] seed) {
    return generate(algorithm, new SeedOnly(seed));
  }

  /** The private key of RSA or EC in this PKCS#8 DER. */
  static PrivateKey privateKey(KeyAlgorithm algorithm, byte[] pkcs8)
      throws InvalidKeySpecException {
    return factory(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  /** The public key that this describes. */
  static PublicKey publicKey(KeyAlgorithm algorithm, KeySpec spec) throws InvalidKeySpecException {
    return factory(algorithm).generatePublic(spec);
  }

  private static KeyFactory factory(KeyAlgorithm algorithm) {
    String name = algorithm.standardName();
    try {
      return KeyFactory.getInstance(name, provider(name));
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the JDK lacks keys of " + name, e);
    }
  }

  /** The curve of such keys. */
  static ECParameterSpec curve(KeyAlgorithm algorithm) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC", provider("EC"));
      parameters.init(spec(algorithm));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new ProviderException("the JDK lacks the curve of " + algorithm.text(), e);
    }
  }

  /**
   * The first coordinate of the public point: what ECDH gives for the generator as the other side.
   * So the JDK multiplies, in constant time.
   */
  static BigInteger publicX(KeyAlgorithm algorithm, ECPrivateKey key)
      throws GeneralSecurityException {
    ECParameterSpec curve = curve(algorithm);
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH", provider("EC"));
    agreement.init(key);
    agreement.doPhase(publicKey(algorithm, new ECPublicKeySpec(curve.getGenerator(), curve)), true);
    return new BigInteger(1, agreement.generateSecret());
  }

  private static Provider provider(String keyName) {
    return switch (keyName) {
      case "RSA" -> jdk("SunRsaSign");
      case "EC" -> jdk("SunEC");
      default ->
          registeredMlDsa()
              .or(() -> OnPath.Made.BOUNCY_CASTLE)
              .orElseThrow(() -> new ProviderException(MISSING_ML_DSA));
    };
  }

  private static Provider jdk(String name) {
    Provider provider = Security.getProvider(name);
    if (provider == null) {
      throw new ProviderException("the JDK's provider " + name + " is absent");
    }
    return provider;
  }

  private static Optional<Provider> registeredMlDsa() {
    for (String name : new String[] {"SUN", "BC"}) {
      Provider provider = Security.getProvider(name);
      if (provider != null && provider.getService("Signature", "ML-DSA") != null) {
        return Optional.of(provider);
      }
    }
    return Optional.empty();
  }

  /** Bouncy Castle as a library that nobody has registered; to make it takes half a second. */
  private static final class OnPath {
    static final Optional<ServiceLoader.Provider<Provider>> BOUNCY_CASTLE = find();

    private static Optional<ServiceLoader.Provider<Provider>> find() {
      ClassLoader ours = SigningEngine.class.getClassLoader();
      try {
        return ServiceLoader.load(Provider.class, ours).stream()
            .filter(found -> found.type().getName().equals(BOUNCY_CASTLE_NAME))
            .findFirst();
      } catch (ServiceConfigurationError e) {
        // Somebody else's broken library must not keep us from what needs no Bouncy Castle.
        return Optional.empty();
      }
    }

    private static final class Made {
      static final Optional<Provider> BOUNCY_CASTLE =
          OnPath.BOUNCY_CASTLE.map(ServiceLoader.Provider::get);
    }
  }

  /**
   * Random bytes that are the seed, once. FIPS 204 draws nothing else for a pair; who draws
   * otherwise is refused rather than given bytes that are not random.
   */
  private static final class SeedOnly extends SecureRandom {
    @Serial private static final long serialVersionUID = 1L;
    private final transient byte[] seed;
    private transient boolean drawn;

    SeedOnly(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      if (drawn || bytes.length != MlDsaSeed.BYTES) {
        throw new ProviderException("the generator of ML-DSA keys draws more than a seed");
      }
      drawn = true;
      System.arraycopy(seed, 0, bytes, 0, seed.length);
    }
  }
}
