package org.kms4j.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Assumptions;
import org.kms4j.aead.IvSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.WrappedKeyStore;

/** A keyring over a store in memory, with its provider, and the short ways to seal and open. */
final class KmsFixture implements AutoCloseable {
  static final String TRANSFORMATION = "KMS/GCM/NoPadding";

  final WrappedKeyStore store;
  final Keyring keyring;
  final KmsProvider provider;

  /** For all that is opened until it is set again. */
  private static AesEngine engine = AesEngine.SUN_JCE;

  /** The shortest, so that no test waits long for a node that is gone. */
  static final Duration LEASE = NodeLease.SHORTEST;

  static final Pace PACE = new Pace(EpochWatch.INTERVAL, LEASE);

  private KmsFixture(WrappedKeyStore store, SealLimit limit, Pace pace, IvSource ivs) {
    this.store = store;
    this.keyring = Keyring.open(store, rootKey(), engine, limit, pace, Clock.systemUTC(), ivs);
    this.provider = new KmsProvider(keyring);
  }

  static KmsFixture open() {
    return over(new MemoryStore());
  }

  /** From now on with this engine; a test is skipped, and the run says why, if it is not here. */
  static void compute(AesEngine with) {
    try {
      with.load();
    } catch (ProviderException e) {
      System.out.println("[engines] skipped: " + e.getMessage());
      Assumptions.abort(message(e));
    }
    engine = with;
  }

  static KmsFixture over(WrappedKeyStore store) {
    return over(store, SealLimit.DEFAULT);
  }

  static KmsFixture withIvs(IvSource ivs) {
    return new KmsFixture(new MemoryStore(), SealLimit.DEFAULT, PACE, ivs);
  }

  static KmsFixture over(WrappedKeyStore store, SealLimit limit) {
    return new KmsFixture(store, limit, PACE, new IvSource());
  }

  static KmsFixture over(WrappedKeyStore store, Pace pace) {
    return new KmsFixture(store, SealLimit.DEFAULT, pace, new IvSource());
  }

  /** For keys of no keyring. */
  static SealBudgets budgets() {
    return new SealBudgets(new MemoryStore(), SealLimit.DEFAULT, System::nanoTime);
  }

  /** The same key each time, as two processes of one installation have it. */
  static RootKey rootKey() {
    byte[] key = new byte[32];
    new Random(7).nextBytes(key);
    return EnvironmentRootKey.load("KEY", Map.of("KEY", Base64.getEncoder().encodeToString(key)));
  }

  /** A new key, rotated until it has this primary version; a pair is the frozen one. */
  KmsKey key(KeyAlgorithm algorithm, int version) throws GeneralSecurityException {
    if (algorithm.isKeyPair()) {
      return KmsKey.of(pair(algorithm).keyId());
    }
    KeyMetadata key = keyring.create("", algorithm);
    while (key.primaryVersion() < version) {
      key = keyring.rotate(key.id());
    }
    return KmsKey.of(key.id());
  }

  KmsKey key(KeyAlgorithm algorithm) throws GeneralSecurityException {
    return key(algorithm, 1);
  }

  /** The private key of a new key for sign-verify that has the frozen pair. */
  KmsPrivateKey pair(KeyAlgorithm algorithm) throws GeneralSecurityException {
    try {
      return keyring.privateKey(imported(algorithm, KeyPairs.pkcs8(algorithm)).keyId());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  KmsKey imported(KeyAlgorithm algorithm, byte... material) throws GeneralSecurityException {
    UUID id = UUID.randomUUID();
    return KmsKey.of(keyring.importKey(id, NewKeySpec.of("", algorithm), material).id());
  }

  /** A key whose versions have the given material, as a store might hold it. */
  KmsKey withMaterial(UUID id, KeyAlgorithm algorithm, byte[]... versions)
      throws GeneralSecurityException {
    KeyMetadata key = keyring.importKey(id, NewKeySpec.of("", algorithm), versions[0]);
    try (RootKey root = rootKey()) {
      for (int version = 2; version <= versions.length; version++) {
        byte[] aad = WrappedKey.aad(key, version, root.id());
        byte[] wrapped = root.wrap(versions[version - 1], aad);
        WrappedKey next = WrappedKey.of(key, version, root.id(), wrapped);
        if (!store.rotate(key.withPrimaryVersion(version), next)) {
          throw new AssertionError("not rotated to " + version);
        }
      }
    }
    keyring.cache().forget(id);
    return KmsKey.of(id);
  }

  Cipher cipher() throws GeneralSecurityException {
    return Cipher.getInstance(TRANSFORMATION, provider);
  }

  Cipher sealing(KmsKey key, byte... aad) throws GeneralSecurityException {
    return ready(Cipher.ENCRYPT_MODE, key, aad);
  }

  Cipher opening(KmsKey key, byte... aad) throws GeneralSecurityException {
    return ready(Cipher.DECRYPT_MODE, key, aad);
  }

  Cipher ready(int mode, KmsKey key, byte... aad) throws GeneralSecurityException {
    Cipher cipher = cipher();
    cipher.init(mode, key);
    if (aad.length > 0) {
      cipher.updateAAD(aad);
    }
    return cipher;
  }

  byte[] seal(KmsKey key, byte[] plaintext, byte... aad) throws GeneralSecurityException {
    return sealing(key, aad).doFinal(plaintext);
  }

  byte[] open(KmsKey key, byte[] message, byte... aad) throws GeneralSecurityException {
    return opening(key, aad).doFinal(message);
  }

  String openText(KmsKey key, byte[] message) throws GeneralSecurityException {
    return new String(open(key, message), StandardCharsets.UTF_8);
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The message, which every exception of ours has. */
  static String message(Throwable thrown) {
    return String.valueOf(thrown.getMessage());
  }

  /** Bytes that look random and are the same in each run. */
  static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() {
    keyring.close();
  }
}
