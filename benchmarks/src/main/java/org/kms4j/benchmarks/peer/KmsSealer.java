package org.kms4j.benchmarks.peer;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import javax.crypto.Cipher;

/**
 * {@code KMS/GCM/NoPadding} by the public interface alone, over a keyring with a real store; the
 * key id is resolved at every {@code init}.
 */
final class KmsSealer implements Sealer {
  private static final String TRANSFORMATION = "KMS/GCM/NoPadding";

  private final Ciphers ciphers;
  private final Key key;
  private final byte[] aad;
  private final Output output;

  /** Where the cipher of a message comes from. */
  @FunctionalInterface
  private interface Ciphers {
    Cipher next() throws GeneralSecurityException;
  }

  private KmsSealer(Ciphers ciphers, Key key, byte[] aad, Output output) {
    this.ciphers = ciphers;
    this.key = key;
    this.aad = aad.clone();
    this.output = output;
  }

  static Sealers reused(Home home, Key key) {
    Provider provider = home.provider();
    return aad -> {
      Cipher kept = Cipher.getInstance(TRANSFORMATION, provider);
      return new KmsSealer(() -> kept, key, aad, Output.NEW);
    };
  }

  /** The same, into an array that is kept. */
  static Sealers into(Home home, Key key) {
    Provider provider = home.provider();
    return aad -> {
      Cipher kept = Cipher.getInstance(TRANSFORMATION, provider);
      return new KmsSealer(() -> kept, key, aad, Output.kept());
    };
  }

  static Sealers each(Home home, Key key) {
    Provider provider = home.provider();
    return aad ->
        new KmsSealer(() -> Cipher.getInstance(TRANSFORMATION, provider), key, aad, Output.NEW);
  }

  @Override
  public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
    return run(Cipher.ENCRYPT_MODE, plaintext);
  }

  @Override
  public byte[] open(byte[] message) throws GeneralSecurityException {
    return run(Cipher.DECRYPT_MODE, message);
  }

  private byte[] run(int mode, byte[] input) throws GeneralSecurityException {
    Cipher cipher = ciphers.next();
    cipher.init(mode, key);
    if (aad.length > 0) {
      cipher.updateAAD(aad);
    }
    if (output == Output.NEW) {
      return cipher.doFinal(input);
    }
    byte[] result = output.of(cipher.getOutputSize(input.length));
    cipher.doFinal(input, 0, input.length, result, 0);
    return result;
  }
}
