package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyStore;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.store.MemoryStore;

/** A key store over a keyring of its own for each test, and the short ways to fill and ask it. */
abstract class KeyStoreCase {
  static final char[] PASSWORD = "any".toCharArray();

  final MemoryStore store = new MemoryStore();
  final KmsFixture kms = KmsFixture.over(store);
  KeyStore keys;

  @BeforeEach
  void load() throws Exception {
    keys = KeyStore.getInstance("KMS", kms.provider);
    keys.load(null);
  }

  @AfterEach
  void close() {
    kms.close();
  }

  KeyMetadata create(String name) throws Exception {
    return kms.keyring.create(name, KeyAlgorithm.XAES_256_GCM);
  }

  static SecretKey secret(String algorithm, int bytes) {
    return new SecretKeySpec(KmsFixture.bytes(bytes, bytes), algorithm);
  }

  static void assertRefused(Throwable refused, String... parts) {
    String message = KmsFixture.message(refused);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
