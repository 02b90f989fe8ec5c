package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/** Libraries that know nothing of us sign with our keys, and everybody verifies it. */
class ForeignCodeTest {
  private static final PSSParameterSpec PS256 =
      new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    kms.close();
  }

  private PublicKey publicKey(KmsPrivateKey key) throws Exception {
    return kms.keyring.publicKey(key.keyId());
  }

  private static boolean plainlyVerified(Signature plain, PublicKey key, byte[] text, byte[] signed)
      throws Exception {
    plain.initVerify(key);
    plain.update(text);
    return plain.verify(signed);
  }

  @Nested
  class NimbusJwt {
    private String token(JWSAlgorithm algorithm, JWSSigner signer) throws Exception {
      signer.getJCAContext().setProvider(kms.provider);
      SignedJWT token =
          new SignedJWT(
              new JWSHeader(algorithm), new JWTClaimsSet.Builder().subject("kms4j").build());
      token.sign(signer);
      return token.serialize();
    }

    private static boolean verified(String token, JWSVerifier verifier) throws Exception {
      SignedJWT parsed = SignedJWT.parse(token);
      assertEquals("kms4j", parsed.getJWTClaimsSet().getSubject());
      return parsed.verify(verifier);
    }

    private static byte[] signed(String token) {
      return Base64.getUrlDecoder().decode(token.substring(token.lastIndexOf('.') + 1));
    }

    private static byte[] text(String token) {
      return token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
      "ES256,P-256,ECC_NIST_P256,SHA256withECDSA",
      "ES384,P-384,ECC_NIST_P384,SHA384withECDSA",
      "ES512,P-521,ECC_NIST_P521,SHA512withECDSA"
    })
    @Conformance("C-48")
    void ecdsaIsVerifiedByNimbusAndByThePlainJdk(
        String name, String curve, KeyAlgorithm algorithm, String scheme) throws Exception {
      KmsPrivateKey key = kms.pair(algorithm);
      ECPublicKey publicKey = assertInstanceOf(ECPublicKey.class, publicKey(key));

      String token = token(JWSAlgorithm.parse(name), new ECDSASigner(key, Curve.parse(curve)));

      assertTrue(verified(token, new ECDSAVerifier(publicKey)));
      byte[] der = ECDSA.transcodeSignatureToDER(signed(token));
      assertTrue(plainlyVerified(Signature.getInstance(scheme), publicKey, text(token), der));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256"})
    @Conformance("C-48")
    void rsaIsVerifiedByNimbusAndByThePlainJdk(String name) throws Exception {
      KmsPrivateKey key = kms.pair(KeyAlgorithm.RSA_4096);
      RSAPublicKey publicKey = assertInstanceOf(RSAPublicKey.class, publicKey(key));

      String token = token(JWSAlgorithm.parse(name), new RSASSASigner(key));

      assertTrue(verified(token, new RSASSAVerifier(publicKey)));
      boolean pss = name.startsWith("PS");
      Signature plain = Signature.getInstance(pss ? "RSASSA-PSS" : "SHA256withRSA");
      if (pss) {
        plain.setParameter(PS256);
      }
      assertTrue(plainlyVerified(plain, publicKey, text(token), signed(token)));
    }
  }

  @Nested
  class BouncyCastleCertificateRequest {
    private PKCS10CertificationRequest request(KmsPrivateKey key, String scheme) throws Exception {
      ContentSigner signer =
          new JcaContentSignerBuilder(scheme).setProvider(kms.provider).build(key);
      return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=kms4j"), publicKey(key))
          .build(signer);
    }

    private static byte[] text(PKCS10CertificationRequest request) throws Exception {
      return request.toASN1Structure().getCertificationRequestInfo().getEncoded(ASN1Encoding.DER);
    }

    @ParameterizedTest
    @CsvSource({
      "SHA256withRSA,RSA_4096",
      "SHA512withRSA,RSA_4096",
      "SHA256withECDSA,ECC_NIST_P256",
      "SHA384withECDSA,ECC_NIST_P384"
    })
    @Conformance("C-48")
    void isVerifiedByBouncyCastleAndByThePlainJdk(String scheme, KeyAlgorithm algorithm)
        throws Exception {
      KmsPrivateKey key = kms.pair(algorithm);

      PKCS10CertificationRequest request = request(key, scheme);

      assertTrue(
          request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(publicKey(key))));
      assertTrue(
          plainlyVerified(
              Signature.getInstance(scheme),
              publicKey(key),
              text(request),
              request.getSignature()));
    }

    @Test
    @Conformance("C-48")
    void withMlDsaItIsVerifiedByBouncyCastle() throws Exception {
      KmsPrivateKey key = kms.pair(KeyAlgorithm.ML_DSA_65);

      PKCS10CertificationRequest request = request(key, "ML-DSA-65");

      assertTrue(
          request.isSignatureValid(
              new JcaContentVerifierProviderBuilder()
                  .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
                  .build(request.getSubjectPublicKeyInfo())));
    }
  }
}
