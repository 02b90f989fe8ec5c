package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.kms4j.vectors.SharedVectors;

@ParameterizedClass
@MethodSource("org.kms4j.aead.Engines#present")
class AesGcmTest {
  private static final byte[] NO_AAD = new byte[0];

  private final Engine engine;

  AesGcmTest(Engine engine) {
    this.engine = engine;
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] seal(Aead aead, Iv iv, byte[] aad, byte[] plaintext) {
    byte[] sealed = new byte[plaintext.length + aead.tagBytes()];
    aead.seal(new AeadUser(), iv, aad, plaintext, 0, plaintext.length, sealed, 0);
    return sealed;
  }

  private static byte[] open(Aead aead, byte[] iv, byte[] aad, byte[] sealed)
      throws AEADBadTagException {
    byte[] opened = new byte[Math.max(0, sealed.length - aead.tagBytes())];
    aead.open(new AeadUser(), iv, 0, aad, sealed, 0, sealed.length, opened, 0);
    return opened;
  }

  @Test
  void wycheproofVectorsAllGiveWhatTheySay() throws Exception {
    JsonNode suite =
        new ObjectMapper().readTree(SharedVectors.read("wycheproof/aes_gcm_test.json"));
    HexFormat hex = HexFormat.of();
    int ran = 0;
    for (JsonNode group : suite.get("testGroups")) {
      boolean ours = group.get("ivSize").asInt() == 96 && group.get("tagSize").asInt() == 128;
      if (!ours || group.get("keySize").asInt() == 192) {
        continue;
      }
      for (JsonNode test : group.get("tests")) {
        byte[] iv = hex.parseHex(test.get("iv").asText());
        byte[] aad = hex.parseHex(test.get("aad").asText());
        byte[] message = hex.parseHex(test.get("msg").asText());
        byte[] sealed = hex.parseHex(test.get("ct").asText() + test.get("tag").asText());
        AesGcm gcm = AesGcm.of(engine, hex.parseHex(test.get("key").asText()));
        String id = "tcId " + test.get("tcId").asInt();

        if (test.get("result").asText().equals("valid")) {
          assertArrayEquals(sealed, seal(gcm, new FixedIvSource(iv).draw(12), aad, message), id);
          assertArrayEquals(message, open(gcm, iv, aad, sealed), id);
        } else {
          assertThrows(AEADBadTagException.class, () -> open(gcm, iv, aad, sealed), id);
        }
        ran++;
      }
    }
    SharedVectors.ran("Wycheproof AES-GCM, IV 96, tag 128", ran);
    assertTrue(ran > 50, "only " + ran);
  }

  @Nested
  class AgreesWith {
    @Test
    void sunJceUsedPlainly() throws Exception {
      agree(Security.getProvider("SunJCE"));
    }

    @Test
    void bouncyCastle() throws Exception {
      agree(new BouncyCastleProvider());
    }

    private void agree(Provider other) throws Exception {
      Random random = new Random(20_261);
      IvSource ivs = new IvSource();
      for (int round = 0; round < 120; round++) {
        byte[] key = random(random, random.nextBoolean() ? 16 : 32);
        byte[] aad = random(random, random.nextInt(40));
        byte[] plaintext = random(random, random.nextInt(70_001));
        check(other, AesGcm.of(engine, key), key, ivs.draw(12), aad, plaintext);
      }
      byte[] key = random(random, 32);
      AesGcm gcm = AesGcm.of(engine, key);
      for (int pieces = 1; pieces <= 4; pieces++) {
        for (int delta = -17; delta <= 17; delta++) {
          byte[] plaintext = random(random, pieces * AesGcm.PIECE_BYTES + delta);
          check(other, gcm, key, ivs.draw(12), NO_AAD, plaintext);
        }
      }
    }

    private void check(
        Provider other, AesGcm gcm, byte[] key, Iv drawn, byte[] aad, byte[] plaintext)
        throws Exception {
      byte[] iv = drawn.bytes();
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", other);
      SecretKeySpec spec = new SecretKeySpec(key, "AES");
      cipher.init(Cipher.ENCRYPT_MODE, spec, new GCMParameterSpec(128, iv));
      cipher.updateAAD(aad);
      byte[] theirs = cipher.doFinal(plaintext);

      byte[] ours = seal(gcm, drawn, aad, plaintext);

      assertArrayEquals(theirs, ours, plaintext.length + " bytes");
      assertArrayEquals(plaintext, open(gcm, iv, aad, theirs));
      cipher.init(Cipher.DECRYPT_MODE, spec, new GCMParameterSpec(128, iv));
      cipher.updateAAD(aad);
      assertArrayEquals(plaintext, cipher.doFinal(ours));
    }
  }

  @Test
  void offsetsAreHonouredAndNothingRoundTheResultIsTouched() throws Exception {
    AesGcm gcm = AesGcm.of(engine, new byte[16]);
    Iv iv = new IvSource().draw(12);
    byte[] plaintext = random(new Random(1), 100);
    byte[] to = new byte[60 + 116];
    Arrays.fill(to, (byte) 9);

    gcm.seal(new AeadUser(), iv, NO_AAD, plaintext, 10, 50, to, 33);
    byte[] opened = new byte[80];
    byte[] ivAside = new byte[20];
    iv.copyTo(ivAside, 5);
    gcm.open(new AeadUser(), ivAside, 5, NO_AAD, to, 33, 66, opened, 7);

    for (int i = 0; i < to.length; i++) {
      assertTrue((i >= 33 && i < 99) || to[i] == 9, "byte " + i);
    }
    assertArrayEquals(Arrays.copyOfRange(plaintext, 10, 60), Arrays.copyOfRange(opened, 7, 57));
    assertEquals(0, opened[6] + opened[57]);
  }

  @Test
  void failedOpenLeavesNoPlaintextInTheResult() {
    AesGcm gcm = AesGcm.of(engine, new byte[32]);
    for (int length : new int[] {1, 16, 600, 8_192, 20_000}) {
      Iv iv = new IvSource().draw(12);
      byte[] sealed = seal(gcm, iv, NO_AAD, random(new Random(length), length));
      sealed[length] ^= 1;
      byte[] to = new byte[length + 2];
      Arrays.fill(to, (byte) 7);

      assertThrows(
          AEADBadTagException.class,
          () -> gcm.open(new AeadUser(), iv.bytes(), 0, NO_AAD, sealed, 0, sealed.length, to, 1));

      assertEquals(7, to[0]);
      assertEquals(7, to[length + 1]);
      assertArrayEquals(new byte[length], Arrays.copyOfRange(to, 1, length + 1));
    }
  }

  @Test
  void lessThanATagIsABadTagOnEveryJdk() {
    AesGcm gcm = AesGcm.of(engine, new byte[32]);

    for (int length = 0; length < AesGcm.TAG_BYTES; length++) {
      byte[] sealed = new byte[length];
      assertThrows(AEADBadTagException.class, () -> open(gcm, new byte[12], NO_AAD, sealed));
    }
  }

  @Test
  void destroyedKeyRefusesAndGivesTheIvBack() {
    AesGcm gcm = AesGcm.of(engine, new byte[32]);
    Iv iv = new IvSource().draw(12);
    byte[] before = seal(gcm, new IvSource().draw(12), NO_AAD, new byte[5]);

    gcm.destroy();
    gcm.destroy();

    assertThrows(DestroyedKeyException.class, () -> seal(gcm, iv, NO_AAD, new byte[5]));
    assertThrows(DestroyedKeyException.class, () -> open(gcm, new byte[12], NO_AAD, before));
    assertEquals(21, seal(AesGcm.of(engine, new byte[16]), iv, NO_AAD, new byte[5]).length);
  }

  @Test
  void ivSealsOnce() {
    AesGcm gcm = AesGcm.of(engine, new byte[32]);
    Iv iv = new IvSource().draw(12);
    seal(gcm, iv, NO_AAD, new byte[5]);

    AssertionError e = assertThrows(AssertionError.class, () -> seal(gcm, iv, NO_AAD, new byte[5]));

    assertTrue(String.valueOf(e.getMessage()).contains("twice"));
  }

  @Test
  void keyOfAnotherLengthIsRefused() {
    for (int length : new int[] {0, 15, 17, 24, 31, 33}) {
      assertThrows(IllegalArgumentException.class, () -> AesGcm.of(engine, new byte[length]));
    }
  }

  @Test
  void keyIsCopiedSoThatTheCallerCanWipeItsOwn() throws Exception {
    byte[] key = random(new Random(3), 32);
    byte[] same = key.clone();
    Iv iv = new IvSource().draw(12);
    AesGcm gcm = AesGcm.of(engine, key);

    Arrays.fill(key, (byte) 0);
    byte[] sealed = seal(gcm, iv, NO_AAD, new byte[5]);

    assertArrayEquals(new byte[5], open(AesGcm.of(engine, same), iv.bytes(), NO_AAD, sealed));
  }
}
