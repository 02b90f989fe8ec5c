package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.kms4j.key.KeyAlgorithm;

/**
 * What every message format promises a caller of {@code javax.crypto.Cipher}: a keyring with one
 * key for each test, and the questions that all themes ask.
 */
abstract class CipherContract {
  static final byte[] AAD = KmsFixture.text("bound to this");
  static final String REFUSED = "the message does not open under this key";

  final KeyAlgorithm algorithm;
  final int version;
  final int ivBytes;
  final int overhead;

  KmsFixture kms;
  KmsKey key;

  CipherContract(MessageFormat format) {
    this.algorithm = format.algorithm;
    this.version = format.version;
    this.ivBytes = format.ivBytes;
    this.overhead = format.overhead;
  }

  @BeforeEach
  void open() throws GeneralSecurityException {
    kms = KmsFixture.open();
    key = kms.key(algorithm, version);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  /** No byte of it is zero, so that a wiped one is told from it. */
  static byte[] plaintext(int length) {
    byte[] plaintext = KmsFixture.bytes(length, length);
    for (int i = 0; i < length; i++) {
      plaintext[i] |= 1;
    }
    return plaintext;
  }

  static byte[] flipped(byte[] message, int bit) {
    byte[] changed = message.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return changed;
  }

  /** Where the ciphertext begins, which every format authenticates. */
  int ciphertextAt() {
    return algorithm == KeyAlgorithm.XAES_256_GCM ? 29 : 12;
  }

  /** With one bit changed of the ciphertext, else of the tag. */
  byte[] corrupted(byte[] message) {
    return flipped(message, ciphertextAt() * 8);
  }

  void assertRefused(byte[] message, byte... aad) throws GeneralSecurityException {
    Cipher cipher = kms.opening(key, aad);
    AEADBadTagException e = assertThrows(AEADBadTagException.class, () -> cipher.doFinal(message));
    assertEquals(REFUSED, e.getMessage());
    assertNull(e.getCause());
    assertEquals(0, e.getSuppressed().length);
  }
}
