package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.RootKey;

/**
 * The frozen key pairs, encoded by OpenSSL, sign on every JDK: what one JDK has stored, another
 * reads.
 */
class KeyPairVectorsTest {
  static Stream<KeyAlgorithm> pairs() {
    return Arrays.stream(KeyAlgorithm.values()).filter(KeyAlgorithm::isKeyPair);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @Conformance("C-48")
  void storedPairSignsWhatOthersVerify(KeyAlgorithm algorithm) throws Exception {
    byte[] spki = KeyPairs.spki(algorithm);
    byte[] text = KmsFixture.text("frozen");
    try (KmsFixture kms = KmsFixture.open()) {
      UUID id = stored(kms, algorithm);
      SignatureScheme scheme = SignatureScheme.anyOf(algorithm);
      Signature ours = Signature.getInstance(scheme.standardName(), kms.provider);

      ours.initSign(kms.keyring.privateKey(id));
      ours.update(text);
      byte[] signed = ours.sign();

      assertArrayEquals(spki, kms.keyring.publicKey(id).getEncoded());
      Provider jdk = SigningEngine.signature(scheme).getProvider();
      for (Provider other : List.of(jdk, new BouncyCastleProvider())) {
        PublicKey key =
            KeyFactory.getInstance(algorithm.standardName(), other)
                .generatePublic(new X509EncodedKeySpec(spki));
        Signature theirs = Signature.getInstance(scheme.standardName(), other);
        theirs.initVerify(key);
        theirs.update(text);
        assertTrue(theirs.verify(signed), other.getName());
      }
    }
  }

  /** As another process may have put it there. */
  private static UUID stored(KmsFixture kms, KeyAlgorithm algorithm) throws Exception {
    Instant now = Instant.EPOCH;
    UUID id = UUID.randomUUID();
    KeyMetadata key =
        new KeyMetadata(id, "p", "n", "", algorithm, KeyState.ENABLED, false, 1, now, now);
    try (RootKey root = KmsFixture.rootKey()) {
      byte[] wrapped = root.wrap(KeyPairs.material(algorithm), WrappedKey.aad(key, 1, root.id()));
      kms.store.insert(key, WrappedKey.of(key, 1, root.id(), wrapped));
    }
    return id;
  }
}
