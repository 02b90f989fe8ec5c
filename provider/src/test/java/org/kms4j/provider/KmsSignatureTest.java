package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyAlgorithmException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsageException;

class KmsSignatureTest extends SignatureCase {
  static PSSParameterSpec pss(String digest, int saltBytes) {
    return new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), saltBytes, 1);
  }

  @Nested
  class AgreesWithTheJdk {
    static Stream<Arguments> schemesAndKeys() {
      return Arrays.stream(SignatureScheme.values())
          .flatMap(
              scheme ->
                  Arrays.stream(KeyAlgorithm.values())
                      .filter(scheme::isFor)
                      .map(algorithm -> Arguments.of(scheme, algorithm)));
    }

    @ParameterizedTest
    @MethodSource("schemesAndKeys")
    @Conformance("C-48")
    void inBothDirections(SignatureScheme scheme, KeyAlgorithm algorithm) throws Exception {
      KmsPrivateKey key = kms.pair(algorithm);
      PrivateKey plainKey = kms.keyring.signing(key.keyId()).privateKey();
      for (String digest : List.of("SHA-256", "SHA-384", "SHA-512")) {
        Signature ours = ours(scheme);
        Signature theirs = SigningEngine.signature(scheme);
        byte[] text = text(scheme, digest);
        if (scheme == SignatureScheme.RSA_PSS) {
          PSSParameterSpec params =
              pss(digest, MessageDigest.getInstance(digest).getDigestLength());
          ours.setParameter(params);
          theirs.setParameter(params);
        }

        byte[] signed = sign(ours, key, text);

        assertNotSame(ours.getProvider(), theirs.getProvider());
        assertTrue(verify(theirs, publicKey(key), text, signed));
        assertTrue(verify(ours, publicKey(key), text, sign(theirs, plainKey, text)));
        byte[] other = text.clone();
        other[0] ^= 1;
        assertFalse(verify(theirs, publicKey(key), other, signed));
        assertFalse(verify(ours, publicKey(key), other, signed));
      }
    }

    private static byte[] text(SignatureScheme scheme, String digest) throws Exception {
      byte[] hash = MessageDigest.getInstance(digest).digest(TEXT);
      return switch (scheme) {
        case GIVEN_RSA -> digestInfo(hash);
        case GIVEN_ECDSA -> hash;
        default -> KmsFixture.text("over " + digest);
      };
    }

    @Test
    @Conformance("C-48")
    void givenDigestGivesWhatTheWholeSchemeGives() throws Exception {
      KmsPrivateKey rsa = kms.pair(KeyAlgorithm.RSA_4096);
      KmsPrivateKey ec = kms.pair(KeyAlgorithm.ECC_NIST_P384);
      byte[] hash = MessageDigest.getInstance("SHA-384").digest(TEXT);

      byte[] rsaSigned = sign(ours(SignatureScheme.GIVEN_RSA), rsa, digestInfo(hash));
      byte[] ecSigned = sign(ours(SignatureScheme.GIVEN_ECDSA), ec, hash);

      assertTrue(
          Arrays.equals(rsaSigned, sign(ours(SignatureScheme.SHA384_RSA), rsa, TEXT)),
          "PKCS#1 v1.5 draws nothing");
      assertTrue(verify(ours(SignatureScheme.SHA384_ECDSA), publicKey(ec), TEXT, ecSigned));
    }
  }

  static byte[] digestInfo(byte[] hash) {
    // NIST's register: SHA-256 is 2.16.840.1.101.3.4.2.1, SHA-384 ends in .2, SHA-512 in .3.
    String header = "30%02x300d06096086480165030402%02x050004%02x";
    byte[] start =
        HexFormat.of()
            .parseHex(header.formatted(17 + hash.length, hash.length / 16 - 1, hash.length));
    return ByteBuffer.allocate(start.length + hash.length).put(start).put(hash).array();
  }

  @Nested
  class State {
    @Test
    void signResetsForTheNextAndPiecesGiveTheWhole() throws Exception {
      KmsPrivateKey key = kms.pair(KeyAlgorithm.RSA_4096);
      Signature signature = ours(SignatureScheme.SHA256_RSA);
      byte[] whole = sign(signature, key, TEXT);

      signature.update(TEXT[0]);
      signature.update(TEXT, 1, 5);
      signature.update(ByteBuffer.wrap(TEXT, 6, TEXT.length - 6));

      assertTrue(Arrays.equals(whole, signature.sign()));
      byte[] into = new byte[600];
      signature.update(TEXT);
      assertEquals(512, signature.sign(into, 20, 512));
      assertTrue(Arrays.equals(whole, 0, 512, into, 20, 532));
      assertFalse(Arrays.equals(whole, signature.sign()), "of nothing");
    }

    @Test
    @Conformance("C-19")
    void refusedInitLeavesNoKeyBehind() throws Exception {
      KmsPrivateKey key = p256();
      KmsPrivateKey rsa = kms.pair(KeyAlgorithm.RSA_4096);
      Signature signature = ours();
      signature.initSign(key);
      signature.update(TEXT);

      assertThrows(KeyAlgorithmException.class, () -> signature.initSign(rsa));

      assertThrows(SignatureException.class, signature::sign);
      assertThrows(SignatureException.class, () -> signature.update(TEXT));
      signature.initVerify(publicKey(key));
      assertThrows(InvalidKeyException.class, () -> signature.initVerify((PublicKey) null));
      assertThrows(SignatureException.class, () -> signature.verify(new byte[70]));
      assertTrue(verify(ours(), publicKey(key), TEXT, sign(signature, key, TEXT)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Conformance("C-18")
    void keyRevokedSinceInitBeginsNothingButFinishesWhatHasBegun(boolean delete) throws Exception {
      KmsPrivateKey key = p256();
      PublicKey publicKey = publicKey(key);
      Signature begun = ours();
      begun.initSign(key);
      begun.update(TEXT);
      Signature idle = ours();
      idle.initSign(key);

      if (delete) {
        kms.keyring.delete(key.keyId());
      } else {
        kms.keyring.disable(key.keyId());
      }

      assertTrue(verify(ours(), publicKey, TEXT, begun.sign()));
      for (Signature signature : List.of(begun, idle)) {
        SignatureException e = assertThrows(SignatureException.class, () -> signature.update(TEXT));
        assertTrue(KmsFixture.message(e).contains(key.keyId().toString()));
        assertInstanceOf(InvalidKeyException.class, e.getCause());
        assertThrows(SignatureException.class, signature::sign);
      }
    }

    @Test
    void keyThatLeftTheCacheIsResolvedAgain() throws Exception {
      KmsPrivateKey key = p256();
      Signature signature = ours();
      signature.initSign(key);

      kms.keyring.cache().forgetAll();
      signature.update(TEXT);

      assertTrue(verify(ours(), publicKey(key), TEXT, signature.sign()));
    }

    @Test
    @Conformance("C-16")
    void secureRandomOfTheCallerHasNoSay() throws Exception {
      SecureRandom constant =
          new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {}
          };
      KmsPrivateKey key = p256();
      Signature signature = ours();
      signature.initSign(key, constant);

      signature.update(TEXT);
      byte[] one = signature.sign();
      signature.update(TEXT);
      byte[] other = signature.sign();

      // The first number of the two depends on the drawn one alone.
      assertFalse(Arrays.equals(one, 4, 4 + one[3], other, 4, 4 + other[3]));
    }
  }

  @Nested
  class Keys {
    @Test
    @Conformance({"C-17", "C-48"})
    void whatIsWrongWithTheKeyIsTyped() throws Exception {
      Signature signature = ours();
      KmsPrivateKey disabled = p256();
      kms.keyring.disable(disabled.keyId());
      KmsPrivateKey deleted = p256();
      kms.keyring.delete(deleted.keyId());
      UUID cipherKey = kms.key(KeyAlgorithm.XAES_256_GCM).keyId();
      KmsPrivateKey ofCipher =
          KmsPrivateKey.of(
              cipherKey, KeyAlgorithm.ECC_NIST_P256, kms.keyring.publicKey(p256().keyId()));

      KeyStateException state =
          assertThrows(KeyStateException.class, () -> signature.initSign(disabled));
      KeyUsageException usage =
          assertThrows(KeyUsageException.class, () -> signature.initSign(ofCipher));

      assertEquals(disabled.keyId(), state.keyId());
      assertEquals(cipherKey, usage.keyId());
      assertThrows(KeyNotFoundException.class, () -> signature.initSign(deleted));
      assertThrows(KeyStateException.class, () -> kms.keyring.publicKey(disabled.keyId()));
      assertThrows(KeyStateException.class, () -> kms.keyring.privateKey(disabled.keyId()));
      assertThrows(KeyUsageException.class, () -> kms.keyring.publicKey(cipherKey));
      assertThrows(KeyNotFoundException.class, () -> kms.keyring.publicKey(deleted.keyId()));
    }

    @Test
    @Conformance("C-48")
    void keyOfAnotherAlgorithmIsNamedWithWhatWasAsked() throws Exception {
      for (SignatureScheme scheme : SignatureScheme.values()) {
        KeyAlgorithm wrong =
            scheme.isFor(KeyAlgorithm.ECC_NIST_P256)
                ? KeyAlgorithm.RSA_4096
                : KeyAlgorithm.ECC_NIST_P256;
        KmsPrivateKey key = kms.pair(wrong);
        Signature signature = ours(scheme);

        KeyAlgorithmException e =
            assertThrows(KeyAlgorithmException.class, () -> signature.initSign(key));

        assertEquals(key.keyId(), e.keyId());
        assertEquals(wrong, e.actual());
        assertTrue(KmsFixture.message(e).contains(scheme.standardName()));
        assertTrue(KmsFixture.message(e).contains(wrong.text()));
      }
      KmsPrivateKey other = kms.pair(KeyAlgorithm.ML_DSA_44);
      Signature signature = ours(SignatureScheme.ML_DSA_65);
      assertThrows(KeyAlgorithmException.class, () -> signature.initSign(other));
    }

    @Test
    @Conformance({"C-09", "C-43"})
    void foreignAndDestroyedKeysAreRefused() throws Exception {
      KeyPair foreign = KeyPairGenerator.getInstance("EC").generateKeyPair();
      KmsPrivateKey destroyed = p256();
      destroyed.destroy();
      Signature signature = ours();

      InvalidKeyException e =
          assertThrows(InvalidKeyException.class, () -> signature.initSign(foreign.getPrivate()));

      assertTrue(KmsFixture.message(e).contains("KmsPrivateKey"));
      assertThrows(InvalidKeyException.class, () -> signature.initSign(destroyed));
      assertThrows(InvalidKeyException.class, () -> signature.initSign(null));
      assertThrows(InvalidKeyException.class, () -> signature.initVerify((PublicKey) null));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    @Conformance({"C-07", "C-08"})
    void searchGivesOursForOurHandlesAndTheJdkForTheRest(int position) throws Exception {
      Security.insertProviderAt(kms.provider, position);
      KeyPair foreign = KeyPairGenerator.getInstance("EC").generateKeyPair();
      KmsPrivateKey key = p256();
      Signature signature = Signature.getInstance("SHA256withECDSA");

      byte[] signed = sign(signature, key, TEXT);

      assertSame(kms.provider, signature.getProvider());
      signature = Signature.getInstance("SHA256withECDSA");
      assertTrue(verify(signature, publicKey(key), TEXT, signed));
      assertNotSame(kms.provider, signature.getProvider());
      signature = Signature.getInstance("SHA256withECDSA");
      sign(signature, foreign.getPrivate(), TEXT);
      assertNotSame(kms.provider, signature.getProvider());
    }
  }

  @Test
  void privateKeyOfTheVectorsIsTheOneThatTheJdkReads() throws Exception {
    byte[] pkcs8 = KeyPairs.pkcs8(KeyAlgorithm.ECC_NIST_P256);
    PrivateKey plain = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));

    byte[] signed = sign(Signature.getInstance("SHA256withECDSA"), plain, TEXT);

    assertTrue(verify(ours(), publicKey(p256()), TEXT, signed));
  }
}
