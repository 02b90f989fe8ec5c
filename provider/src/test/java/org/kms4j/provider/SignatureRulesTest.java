package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.vectors.SharedVectors;

/** What is stricter than the JDK, and the public suites. */
class SignatureRulesTest extends SignatureCase {
  @Nested
  class Parameters {
    private void refused(SignatureScheme scheme, PSSParameterSpec params) throws Exception {
      Signature signature = ours(scheme);
      assertThrows(InvalidAlgorithmParameterException.class, () -> signature.setParameter(params));
    }

    @Test
    void pssTakesWhatIsSensible() throws Exception {
      KmsPrivateKey key = kms.pair(KeyAlgorithm.RSA_4096);
      Signature signature = ours(SignatureScheme.RSA_PSS);
      for (int salt : new int[] {0, 20, 48}) {
        signature.setParameter(KmsSignatureTest.pss("SHA-384", salt));

        byte[] signed = sign(signature, key, TEXT);

        assertTrue(verify(signature, publicKey(key), TEXT, signed));
        PSSParameterSpec used = signature.getParameters().getParameterSpec(PSSParameterSpec.class);
        assertEquals(salt, used.getSaltLength());
        assertEquals("SHA-384", used.getDigestAlgorithm());
      }
    }

    @Test
    void pssWithoutParametersIsRefused() throws Exception {
      Signature signature = ours(SignatureScheme.RSA_PSS);
      signature.initSign(kms.pair(KeyAlgorithm.RSA_4096));

      assertThrows(SignatureException.class, () -> signature.update(TEXT));
    }

    @Test
    void senselessOnesAreRefused() throws Exception {
      refused(SignatureScheme.RSA_PSS, KmsSignatureTest.pss("SHA-256", 33));
      refused(SignatureScheme.RSA_PSS, KmsSignatureTest.pss("SHA-1", 20));
      refused(SignatureScheme.RSA_PSS, PSSParameterSpec.DEFAULT);
      refused(
          SignatureScheme.RSA_PSS,
          new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA512, 32, 1));
      refused(
          SignatureScheme.RSA_PSS,
          new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 2));
      refused(SignatureScheme.SHA256_RSA, KmsSignatureTest.pss("SHA-256", 32));
      refused(SignatureScheme.SHA256_ECDSA, KmsSignatureTest.pss("SHA-256", 32));
    }
  }

  @Nested
  class GivenDigests {
    private void refused(Signature signature, byte[] text) throws Exception {
      signature.update(text);
      assertThrows(SignatureException.class, signature::sign);
    }

    @Test
    void ecdsaSignsDigestsOfSha2AndNothingElse() throws Exception {
      Signature signature = ours(SignatureScheme.GIVEN_ECDSA);
      signature.initSign(p256());
      for (int length : new int[] {0, 1, 20, 31, 33, 47, 63, 65, 84, 5_000}) {
        refused(signature, new byte[length]);
      }

      signature.update(new byte[32]);
      assertTrue(signature.sign().length > 60);
    }

    @Test
    void rsaSignsADigestInfoOfSha2AndNothingElse() throws Exception {
      Signature signature = ours(SignatureScheme.GIVEN_RSA);
      signature.initSign(kms.pair(KeyAlgorithm.RSA_4096));
      byte[] good = KmsSignatureTest.digestInfo(new byte[64]);
      for (int at = 0; at < 19; at++) {
        byte[] changed = good.clone();
        changed[at] ^= 1;
        refused(signature, changed);
      }
      refused(signature, Arrays.copyOf(good, 82));
      refused(signature, Arrays.copyOf(good, 84));
      refused(signature, new byte[32]);
      refused(signature, new byte[0]);

      signature.update(good);
      assertEquals(512, signature.sign().length);
    }

    @Test
    void toBeVerifiedItMayBeAnything() throws Exception {
      Signature signature = ours(SignatureScheme.GIVEN_RSA);
      signature.initVerify(kms.keyring.publicKey(kms.pair(KeyAlgorithm.RSA_4096).keyId()));
      for (int length : new int[] {0, 36, 5_000}) {
        signature.update(new byte[length]);
        assertFalse(signature.verify(new byte[512]));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA256_ECDSA", "SHA384_ECDSA", "SHA512_ECDSA"})
  @Conformance("C-48")
  void wycheproofVectorsAllGiveWhatTheySay(SignatureScheme scheme) throws Exception {
    String file =
        switch (scheme) {
          case SHA256_ECDSA -> "ecdsa_secp256r1_sha256_test.json";
          case SHA384_ECDSA -> "ecdsa_secp384r1_sha384_test.json";
          default -> "ecdsa_secp521r1_sha512_test.json";
        };
    JsonNode suite = new ObjectMapper().readTree(SharedVectors.read("wycheproof/" + file));
    HexFormat hex = HexFormat.of();
    Signature signature = ours(scheme);
    Signature plain = SigningEngine.signature(scheme);
    int ran = 0;
    int jdkRefuses = 0;
    for (JsonNode group : suite.get("testGroups")) {
      byte[] spki = hex.parseHex(group.get("publicKeyDer").asText());
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
      for (JsonNode test : group.get("tests")) {
        byte[] message = hex.parseHex(test.get("msg").asText());
        byte[] signed = hex.parseHex(test.get("sig").asText());

        boolean verified = verified(signature, key, message, signed);

        boolean valid = test.get("result").asText().equals("valid");
        if (valid && !verified && !verified(plain, key, message, signed)) {
          // JDK 17 refuses an r that was reduced by the order, which nobody meets by chance.
          jdkRefuses++;
        } else {
          assertEquals(valid, verified, file + ", tcId " + test.get("tcId").asInt());
        }
        ran++;
      }
    }
    SharedVectors.ran("Wycheproof " + scheme.standardName(), ran);
    assertTrue(jdkRefuses <= 2, "the JDK refuses " + jdkRefuses);
    assertTrue(ran > 300, "only " + ran);
  }

  private static boolean verified(Signature signature, PublicKey key, byte[] text, byte[] signed)
      throws Exception {
    try {
      return verify(signature, key, text, signed);
    } catch (SignatureException e) {
      // What the JDK says to what is no signature at all.
      return false;
    }
  }

  @Test
  void ecdsaSignatureHasOneSpelling() throws Exception {
    KmsPrivateKey key = p256();
    byte[] signed = sign(ours(), key, TEXT);
    // The first number behind one zero too many.
    byte[] longer = ByteBuffer.allocate(signed.length + 1).put(signed, 0, 4).array();
    System.arraycopy(signed, 4, longer, 5, signed.length - 4);
    longer[1]++;
    longer[3]++;

    assertTrue(verify(ours(), publicKey(key), TEXT, signed));
    assertFalse(verified(ours(), publicKey(key), TEXT, longer));
    assertTrue(EcdsaEncoding.isDer(signed));
    assertFalse(EcdsaEncoding.isDer(longer));
    for (int length = 0; length < signed.length; length++) {
      assertFalse(EcdsaEncoding.isDer(Arrays.copyOf(signed, length)));
    }
  }
}
