package org.kms4j.benchmarks.peer;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code AES/GCM/NoPadding} of any JCA provider, used as its documentation says; a message is IV ‖
 * ciphertext ‖ tag.
 */
final class JcaSealer implements Sealer {
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final int OVERHEAD_BYTES = IV_BYTES + TAG_BYTES;

  private final Ciphers ciphers;
  private final SecretKeySpec key;
  private final byte[] aad;
  private final SecureRandom random;
  private final Output output;

  /** Where the cipher of a message comes from. */
  @FunctionalInterface
  private interface Ciphers {
    Cipher next() throws GeneralSecurityException;
  }

  private JcaSealer(Ciphers ciphers, byte[] key, byte[] aad, SecureRandom random, Output output) {
    this.ciphers = ciphers;
    this.key = new SecretKeySpec(key, "AES");
    this.aad = aad.clone();
    this.random = random;
    this.output = output;
  }

  /** Keeps one cipher a thread; {@code random} gives each thread its generator. */
  static Sealers reused(Provider provider, byte[] key, Supplier<SecureRandom> random) {
    return aad -> {
      Cipher kept = Cipher.getInstance(TRANSFORMATION, provider);
      return new JcaSealer(() -> kept, key, aad, random.get(), Output.NEW);
    };
  }

  static Sealers sunJce(byte[] key, Supplier<SecureRandom> random) {
    return reused(Security.getProvider("SunJCE"), key, random);
  }

  /** The same, into an array that is kept. */
  static Sealers sunJceInto(byte[] key, Supplier<SecureRandom> random) {
    return aad -> {
      Cipher kept = Cipher.getInstance(TRANSFORMATION, "SunJCE");
      return new JcaSealer(() -> kept, key, aad, random.get(), Output.kept());
    };
  }

  /** Looks a cipher up among all installed providers for each message. */
  static Sealers each(byte[] key, Supplier<SecureRandom> random) {
    return aad ->
        new JcaSealer(() -> Cipher.getInstance(TRANSFORMATION), key, aad, random.get(), Output.NEW);
  }

  @Override
  public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    Cipher cipher = begin(Cipher.ENCRYPT_MODE, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, iv));
    byte[] message = output.of(plaintext.length + OVERHEAD_BYTES);
    System.arraycopy(iv, 0, message, 0, IV_BYTES);
    cipher.doFinal(plaintext, 0, plaintext.length, message, IV_BYTES);
    return message;
  }

  @Override
  public byte[] open(byte[] message) throws GeneralSecurityException {
    Cipher cipher =
        begin(
            Cipher.DECRYPT_MODE, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, message, 0, IV_BYTES));
    if (output == Output.NEW) {
      return cipher.doFinal(message, IV_BYTES, message.length - IV_BYTES);
    }
    byte[] plaintext = output.of(message.length - OVERHEAD_BYTES);
    cipher.doFinal(message, IV_BYTES, message.length - IV_BYTES, plaintext, 0);
    return plaintext;
  }

  private Cipher begin(int mode, GCMParameterSpec parameters) throws GeneralSecurityException {
    Cipher cipher = ciphers.next();
    cipher.init(mode, key, parameters);
    if (aad.length > 0) {
      cipher.updateAAD(aad);
    }
    return cipher;
  }
}
