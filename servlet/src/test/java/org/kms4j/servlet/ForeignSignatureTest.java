package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;

/** Signatures that somebody else made, by keys that moved here, and what is no signature at all. */
class ForeignSignatureTest extends ApiFixture {
  private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
  private static final int GARBAGE = 24;

  /** What a reader of DER may stumble over. */
  private static final List<String> NO_DER =
      List.of(
          "30",
          "3000",
          "3080",
          "30800000",
          "3084ffffffff",
          "30847fffffff0201010201",
          "3003020100",
          "3006020100020100",
          "3006020180020180",
          "3006020101020101",
          "30050200020101",
          "300602010102010100",
          "310602010102010130",
          "0000000000000000");

  private record Own(String keyId, KeyPair pair) {}

  private static final Map<KeyAlgorithm, Own> IMPORTED = new EnumMap<>(KeyAlgorithm.class);

  private static Own own(KeyAlgorithm algorithm) throws Exception {
    if (!IMPORTED.containsKey(algorithm)) {
      KeyPair pair = generate(algorithm);
      UUID keyId = UUID.randomUUID();
      NewKeySpec spec = new NewKeySpec(PROJECT, newName(), "", algorithm, true);
      server.server().keyring().importKey(keyId, spec, pair.getPrivate().getEncoded());
      IMPORTED.put(algorithm, new Own(keyId.toString(), pair));
    }
    return IMPORTED.get(algorithm);
  }

  private static KeyPair generate(KeyAlgorithm algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator;
    if (algorithm == KeyAlgorithm.RSA_4096) {
      generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(4_096);
    } else if (algorithm.standardName().equals("EC")) {
      generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(Integer.parseInt(algorithm.text().substring("ECC_NIST_P".length())));
    } else {
      generator = KeyPairGenerator.getInstance("ML-DSA", BOUNCY_CASTLE);
      generator.initialize(new NamedParameterSpec(algorithm.text().replace('_', '-')));
    }
    return generator.generateKeyPair();
  }

  static Stream<Arguments> schemes() {
    Stream<Arguments> rsa =
        Stream.of("RSASSA_PSS_SHA_", "RSASSA_PKCS1_V1_5_SHA_")
            .flatMap(name -> Stream.of("512", "384", "256").map(bits -> name + bits))
            .map(name -> Arguments.of(KeyAlgorithm.RSA_4096, name));
    Stream<Arguments> ecc =
        Stream.of(
                KeyAlgorithm.ECC_NIST_P256, KeyAlgorithm.ECC_NIST_P384, KeyAlgorithm.ECC_NIST_P521)
            .flatMap(
                key ->
                    Stream.of("512", "384", "256").map(b -> Arguments.of(key, "ECDSA_SHA_" + b)));
    Stream<Arguments> mlDsa =
        Stream.of(KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87)
            .map(key -> Arguments.of(key, key.text()));
    return Stream.of(rsa, ecc, mlDsa).flatMap(all -> all);
  }

  private static byte[] signElsewhere(Own own, String scheme) throws GeneralSecurityException {
    String bits = scheme.substring(scheme.length() - 3);
    if (scheme.startsWith("RSASSA_PSS")) {
      return signPss(own, bits, Integer.parseInt(bits) / Byte.SIZE);
    }
    Signature signer =
        scheme.startsWith("ML_DSA")
            ? Signature.getInstance("ML-DSA", BOUNCY_CASTLE)
            : Signature.getInstance(
                "SHA" + bits + (scheme.startsWith("ECDSA") ? "withECDSA" : "withRSA"));
    return sign(signer, own);
  }

  private static byte[] signPss(Own own, String bits, int saltBytes)
      throws GeneralSecurityException {
    String digest = "SHA-" + bits;
    Signature signer = Signature.getInstance("RSASSA-PSS");
    signer.setParameter(
        new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), saltBytes, 1));
    return sign(signer, own);
  }

  private static byte[] sign(Signature signer, Own own) throws GeneralSecurityException {
    signer.initSign(own.pair().getPrivate());
    signer.update(TEXT);
    return signer.sign();
  }

  private static boolean verify(Own own, String scheme, byte[] data, byte[] signature)
      throws Exception {
    String order =
        body(
            "{'signingAlgorithm':'%s','data':'%s','signature':'%s'}",
            scheme, ApiClient.base64(data), ApiClient.base64(signature));
    JsonNode answer = admin.post(KEYS + "/" + own.keyId() + "/verify", order).ok();
    assertEquals(List.of("signatureValid", "keyId", "signingAlgorithm"), names(answer));
    return answer.get("signatureValid").asBoolean();
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void ofAKeyThatMovedHereVerify(KeyAlgorithm algorithm, String scheme) throws Exception {
    Own own = own(algorithm);
    byte[] signature = signElsewhere(own, scheme);

    assertTrue(verify(own, scheme, TEXT, signature));
    assertFalse(verify(own, scheme, new byte[] {1}, signature));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void thatAreNoneAreAResultAndNoError(KeyAlgorithm algorithm, String scheme) throws Exception {
    Own own = own(algorithm);
    byte[] signature = signElsewhere(own, scheme);

    for (byte[] wrong : wrong(signature)) {
      assertFalse(
          verify(own, scheme, TEXT, wrong), () -> scheme + " " + HexFormat.of().formatHex(wrong));
    }
  }

  private static List<byte[]> wrong(byte[] signature) {
    List<byte[]> wrong = new ArrayList<>();
    NO_DER.forEach(hex -> wrong.add(HexFormat.of().parseHex(hex)));
    wrong.add(Arrays.copyOf(signature, signature.length - 1));
    wrong.add(Arrays.copyOf(signature, signature.length + 1));
    wrong.add(new byte[signature.length]);
    byte[] ones = new byte[signature.length];
    Arrays.fill(ones, (byte) 0xff);
    wrong.add(ones);
    wrong.add(new byte[8_192]);
    Random random = new Random(17);
    for (int i = 0; i < GARBAGE; i++) {
      byte[] flipped = signature.clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      wrong.add(flipped);
      byte[] garbage = new byte[1 + random.nextInt(600)];
      random.nextBytes(garbage);
      wrong.add(garbage);
    }
    return wrong;
  }

  @Test
  void withAnotherSaltThanTheDigestIsLongAreNone() throws Exception {
    Own own = own(KeyAlgorithm.RSA_4096);

    assertFalse(verify(own, "RSASSA_PSS_SHA_256", TEXT, signPss(own, "256", 20)));
    assertFalse(verify(own, "RSASSA_PSS_SHA_256", TEXT, signPss(own, "384", 48)));
    assertTrue(verify(own, "RSASSA_PSS_SHA_256", TEXT, signPss(own, "256", 32)));
  }
}
