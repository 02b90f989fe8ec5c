package org.kms4j.benchmarks.peer;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.conscrypt.Conscrypt;
import org.kms4j.key.KeyAlgorithm;

/**
 * One way to encrypt in memory with a 256-bit key, under an IV that is drawn for each message.
 *
 * <p>{@code …_REUSED} keeps a {@code Cipher} for each thread and calls {@code init} for every
 * message, {@code …_EACH} asks for a new one every time, {@code …_INTO} keeps it and writes into an
 * array of the caller's. All but those return a new array. What an IV is drawn from is said at each
 * constant; where nothing is said, the peer draws it itself.
 */
public enum Peer {
  /** aes-256-gcm; the key id is resolved at every {@code init}. */
  KMS_AES_REUSED(
      (home, key) -> KmsSealer.reused(home, home.importKey(KeyAlgorithm.AES_256_GCM, key))),
  KMS_AES_EACH((home, key) -> KmsSealer.each(home, home.importKey(KeyAlgorithm.AES_256_GCM, key))),
  KMS_AES_INTO((home, key) -> KmsSealer.into(home, home.importKey(KeyAlgorithm.AES_256_GCM, key))),
  /** xaes-256-gcm, with key commitment. */
  KMS_XAES_REUSED(
      (home, key) -> KmsSealer.reused(home, home.importKey(KeyAlgorithm.XAES_256_GCM, key))),
  KMS_XAES_EACH(
      (home, key) -> KmsSealer.each(home, home.importKey(KeyAlgorithm.XAES_256_GCM, key))),

  /**
   * "Raw", the anchor of every ratio: the IV comes from an AES-CTR generator that each thread has
   * for itself.
   */
  SUNJCE_RAW((home, key) -> JcaSealer.sunJce(key, CtrRandom::new)),
  SUNJCE_RAW_INTO((home, key) -> JcaSealer.sunJceInto(key, CtrRandom::new)),
  /** The floor: the IV is a counter, which costs nothing and which nobody should use. */
  SUNJCE_COUNTER((home, key) -> JcaSealer.sunJce(key, CounterRandom::new)),
  /** Ordinary code: all threads draw their IVs from one {@link SecureRandom}. */
  SUNJCE_SHARED_RANDOM((home, key) -> JcaSealer.sunJce(key, shared())),
  /** {@code Cipher.getInstance} with the default look-up for every message; the IV as in raw. */
  SUNJCE_EACH((home, key) -> JcaSealer.each(key, CtrRandom::new)),

  /** Pure Java, through the JCA; the IV as in raw. */
  BOUNCY_CASTLE_REUSED(
      (home, key) -> JcaSealer.reused(new BouncyCastleProvider(), key, CtrRandom::new)),
  /** Pure Java, its own interface, the key kept between messages; the IV as in raw. */
  BOUNCY_CASTLE_LIGHTWEIGHT((home, key) -> BouncyCastleSealer.of(key, CtrRandom::new)),

  /** Amazon Corretto Crypto Provider (AWS-LC); the IV as in raw. */
  ACCP_REUSED(
      (home, key) -> JcaSealer.reused(AmazonCorrettoCryptoProvider.INSTANCE, key, CtrRandom::new)) {
    @Override
    public Optional<String> unavailable() {
      return Optional.ofNullable(AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError())
          .map(Throwable::toString);
    }
  },
  /** Conscrypt (BoringSSL); the IV as in raw. */
  CONSCRYPT_REUSED((home, key) -> JcaSealer.reused(Conscrypt.newProvider(), key, CtrRandom::new)) {
    @Override
    public Optional<String> unavailable() {
      try {
        Conscrypt.checkAvailability();
        return Optional.empty();
      } catch (UnsatisfiedLinkError e) {
        return Optional.of(e.toString());
      }
    }
  },

  TINK_AES((home, key) -> TinkSealer.of(TinkSealer.aes(key, PredefinedAeadParameters.AES256_GCM))),
  TINK_XAES(
      (home, key) ->
          TinkSealer.of(TinkSealer.xaes(key, PredefinedAeadParameters.XAES_256_GCM_192_BIT_NONCE))),

  /** AWS Encryption SDK: a data key for each message, wrapped by a raw AES keyring; unsigned. */
  ESDK_KEYRING((home, key) -> EsdkSealer.keyring(key)),
  /** The same with data keys from a caching materials manager. */
  ESDK_CACHING((home, key) -> EsdkSealer.caching(key));

  /** The length of {@code key} in {@link #open}. */
  public static final int KEY_BYTES = 32;

  @SuppressWarnings("ImmutableEnumChecker") // none of the lambdas above captures anything
  private final Way way;

  Peer(Way way) {
    this.way = way;
  }

  /** Takes a key into use. */
  @FunctionalInterface
  private interface Way {
    Sealers open(Home home, byte[] key) throws GeneralSecurityException;
  }

  /**
   * Takes a key into use at this peer.
   *
   * @param home where a peer that is ours keeps it
   * @param key {@link #KEY_BYTES} bytes, copied
   */
  public Sealers open(Home home, byte[] key) throws GeneralSecurityException {
    return way.open(home, key);
  }

  /** The same under a random key. */
  public Sealers open(Home home) throws GeneralSecurityException {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return open(home, key);
  }

  /** Why it cannot run on this platform; empty where it can. */
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  private static Supplier<SecureRandom> shared() {
    SecureRandom random = new SecureRandom();
    return () -> random;
  }
}
