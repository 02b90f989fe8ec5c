package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyAlgorithmException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.vectors.SharedVectors;

class KmsMacTest {
  private static final String MACS = "HMAC_SHA_(1|224|256|384|512)";

  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    kms.close();
  }

  private Mac mac() throws Exception {
    return Mac.getInstance("HmacSHA256", kms.provider);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MACS)
  @Conformance("C-48")
  void itIsTheHmacOfTheJdkUnderTheSameMaterial(KeyAlgorithm algorithm) throws Exception {
    String name = algorithm.standardName();
    byte[] material = KmsFixture.bytes(1, algorithm.materialBytes());
    KmsKey key = kms.imported(algorithm, material);
    Mac plain = Mac.getInstance(name);
    plain.init(new SecretKeySpec(material, name));
    Mac ours = Mac.getInstance(name, kms.provider);
    ours.init(key);

    for (int length = 0; length < 200; length += 9) {
      byte[] data = KmsFixture.bytes(length, length);
      assertArrayEquals(plain.doFinal(data), ours.doFinal(data));
    }
    assertEquals(plain.getMacLength(), ours.getMacLength());
    assertEquals(ours.getMacLength(), algorithm.materialBytes());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MACS)
  @Conformance("C-48")
  void keyOfAnotherAlgorithmIsNamedWithWhatWasAsked(KeyAlgorithm algorithm) throws Exception {
    Mac mac = Mac.getInstance(algorithm.standardName(), kms.provider);
    for (KeyAlgorithm other : KeyAlgorithm.values()) {
      if (other.usage() != KeyUsage.GENERATE_VERIFY_MAC || other == algorithm) {
        continue;
      }
      KmsKey key = kms.key(other);

      KeyAlgorithmException e = assertThrows(KeyAlgorithmException.class, () -> mac.init(key));

      assertEquals(key.keyId(), e.keyId());
      assertEquals(other, e.actual());
      assertTrue(KmsFixture.message(e).contains(algorithm.standardName()));
      assertTrue(KmsFixture.message(e).contains(other.text()));
    }
  }

  @Test
  void generatorMakesKeysOfEachHmac() throws Exception {
    KeyGenerator generator = KeyGenerator.getInstance("KMS", kms.provider);
    generator.init(NewKeySpec.of("", KeyAlgorithm.HMAC_SHA_512));
    Mac mac = Mac.getInstance("HmacSHA512", kms.provider);

    mac.init(generator.generateKey());

    assertEquals(64, mac.doFinal(new byte[3]).length);
  }

  @Test
  @Conformance("C-19")
  void refusedInitLeavesNoKeyBehind() throws Exception {
    Mac mac = mac();
    mac.init(kms.key(KeyAlgorithm.HMAC_SHA_256));
    KmsKey other = kms.key(KeyAlgorithm.HMAC_SHA_512);

    assertThrows(KeyAlgorithmException.class, () -> mac.init(other));

    assertThrows(IllegalStateException.class, () -> mac.doFinal(new byte[3]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"256", "512"})
  @Conformance("C-48")
  void wycheproofVectorsAllGiveWhatTheySay(String bits) throws Exception {
    String file = "wycheproof/hmac_sha" + bits + "_test.json";
    JsonNode suite = new ObjectMapper().readTree(SharedVectors.read(file));
    HexFormat hex = HexFormat.of();
    Mac mac = Mac.getInstance("HmacSHA" + bits, kms.provider);
    int ran = 0;
    for (JsonNode group : suite.get("testGroups")) {
      for (JsonNode test : group.get("tests")) {
        byte[] key = hex.parseHex(test.get("key").asText());
        mac.init(kms.imported(KeyAlgorithm.of("HMAC_SHA_" + bits), key));
        byte[] tag = hex.parseHex(test.get("tag").asText());

        byte[] ours = mac.doFinal(hex.parseHex(test.get("msg").asText()));

        boolean same = Arrays.equals(tag, Arrays.copyOf(ours, tag.length));
        assertEquals(test.get("result").asText().equals("valid"), same, test.get("tcId").asText());
        ran++;
      }
    }
    SharedVectors.ran("Wycheproof HmacSHA" + bits, ran);
    assertTrue(ran > 150, "only " + ran);
  }

  @Test
  void piecesGiveWhatTheWholeGivesAndResetForgets() throws Exception {
    Mac mac = mac();
    mac.init(kms.key(KeyAlgorithm.HMAC_SHA_256));
    byte[] whole = mac.doFinal(new byte[] {1, 2, 3});

    mac.update((byte) 9);
    mac.reset();
    mac.update((byte) 1);
    mac.update(new byte[] {0, 2, 3}, 1, 2);

    assertArrayEquals(whole, mac.doFinal());
  }

  @Test
  void otherKeyGivesAnotherMac() throws Exception {
    Mac mac = mac();
    mac.init(kms.key(KeyAlgorithm.HMAC_SHA_256));
    byte[] one = mac.doFinal();

    mac.init(kms.key(KeyAlgorithm.HMAC_SHA_256));

    assertFalse(Arrays.equals(one, mac.doFinal()));
  }

  @Test
  @Conformance("C-17")
  void whatIsWrongWithTheKeyIsTyped() throws Exception {
    Mac mac = mac();
    KmsKey key = kms.key(KeyAlgorithm.HMAC_SHA_256);
    KmsKey cipherKey = kms.key(KeyAlgorithm.XAES_256_GCM);
    kms.keyring.disable(key.keyId());

    KeyUsageException usage = assertThrows(KeyUsageException.class, () -> mac.init(cipherKey));
    KeyStateException state = assertThrows(KeyStateException.class, () -> mac.init(key));

    assertEquals(KeyUsage.GENERATE_VERIFY_MAC, usage.expected());
    assertEquals(key.keyId(), state.keyId());
    assertThrows(KeyNotFoundException.class, () -> mac.init(KmsKey.of(UUID.randomUUID())));
    KmsKey unborn = KmsKey.of(kms.key(KeyAlgorithm.HMAC_SHA_256).keyId(), 2);
    assertThrows(KeyNotFoundException.class, () -> mac.init(unborn));
  }

  @Test
  @Conformance("C-07")
  void keyThatIsNotOfKmsIsLeftToTheJdk() throws Exception {
    SecretKeySpec foreign = new SecretKeySpec(KmsFixture.bytes(4, 32), "HmacSHA256");
    Mac jdk = Mac.getInstance("HmacSHA256", "SunJCE");
    jdk.init(foreign);
    Mac mac = mac();
    assertEquals(32, mac.getMacLength());

    mac.init(foreign);

    mac.update((byte) 1);
    assertArrayEquals(jdk.doFinal(new byte[] {1, 2}), mac.doFinal(new byte[] {2}));
    mac.init(kms.key(KeyAlgorithm.HMAC_SHA_256));
    assertFalse(Arrays.equals(jdk.doFinal(new byte[2]), mac.doFinal(new byte[2])));
  }

  @Test
  void noKeyPrivateKeysAndParametersAreRefused() throws Exception {
    Mac mac = mac();
    KmsKey key = kms.key(KeyAlgorithm.HMAC_SHA_256);
    KmsPrivateKey pair = kms.pair(KeyAlgorithm.ECC_NIST_P256);

    assertThrows(InvalidKeyException.class, () -> mac.init(null));
    assertThrows(InvalidKeyException.class, () -> mac.init(pair));
    assertThrows(
        InvalidAlgorithmParameterException.class,
        () -> mac.init(key, new IvParameterSpec(new byte[12])));
  }
}
