package org.kms4j.provider;

import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import org.junit.jupiter.api.AfterEach;
import org.kms4j.key.KeyAlgorithm;

/** A keyring for each test of signatures, and the short ways to sign and verify. */
abstract class SignatureCase {
  static final byte[] TEXT = KmsFixture.text("attack at dawn");

  final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    Security.removeProvider(KmsProvider.NAME);
    kms.close();
  }

  Signature ours(SignatureScheme scheme) throws Exception {
    return Signature.getInstance(scheme.standardName(), kms.provider);
  }

  Signature ours() throws Exception {
    return ours(SignatureScheme.SHA256_ECDSA);
  }

  KmsPrivateKey p256() throws Exception {
    return kms.pair(KeyAlgorithm.ECC_NIST_P256);
  }

  PublicKey publicKey(KmsPrivateKey key) throws Exception {
    return kms.keyring.publicKey(key.keyId());
  }

  static boolean verify(Signature signature, PublicKey key, byte[] text, byte[] signed)
      throws Exception {
    signature.initVerify(key);
    signature.update(text);
    return signature.verify(signed);
  }

  static byte[] sign(Signature signature, PrivateKey key, byte[] text) throws Exception {
    signature.initSign(key);
    signature.update(text);
    return signature.sign();
  }
}
