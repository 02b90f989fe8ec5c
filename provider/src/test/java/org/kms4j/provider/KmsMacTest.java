package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;

class KmsMacTest {
  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    kms.close();
  }

  private Mac mac() throws Exception {
    return Mac.getInstance("HmacSHA256", kms.provider);
  }

  @Test
  @Conformance("C-48")
  void itIsTheHmacOfTheJdkUnderTheSameMaterial() throws Exception {
    byte[] material = KmsFixture.bytes(1, 32);
    KmsKey key = kms.imported(KeyAlgorithm.HMAC_SHA_256, material);
    Mac plain = Mac.getInstance("HmacSHA256");
    plain.init(new SecretKeySpec(material, "HmacSHA256"));
    Mac ours = mac();
    ours.init(key);

    for (int length = 0; length < 200; length += 9) {
      byte[] data = KmsFixture.bytes(length, length);
      assertArrayEquals(plain.doFinal(data), ours.doFinal(data));
    }
    assertEquals(32, ours.getMacLength());
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
  void foreignKeysAndParametersAreRefused() throws Exception {
    Mac mac = mac();
    KmsKey key = kms.key(KeyAlgorithm.HMAC_SHA_256);

    assertThrows(
        InvalidKeyException.class, () -> mac.init(new SecretKeySpec(new byte[32], "HmacSHA256")));
    assertThrows(
        InvalidAlgorithmParameterException.class,
        () -> mac.init(key, new IvParameterSpec(new byte[12])));
  }
}
