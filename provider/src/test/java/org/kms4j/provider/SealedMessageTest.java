package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.vectors.SharedVectors;

class SealedMessageTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] AAD = KmsFixture.text("aad");
  private static final byte[] IV = HEX.parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7");
  private static final byte[] ZEROS = new byte[32];
  private static final byte[] ONES = HEX.parseHex("01".repeat(32));

  private static String hex(byte[] message, int from, int to) {
    return HEX.formatHex(message, from, to);
  }

  @Nested
  class Layout {
    private final UUID id = UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f");
    private final byte[] plaintext = KmsFixture.bytes(5, 20);

    @Test
    @Conformance("C-54")
    void v01IsIvThenCiphertextThenTagThenV01() throws Exception {
      try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = kms.withMaterial(id, KeyAlgorithm.AES_256_GCM, ZEROS);

        byte[] message = kms.seal(key, plaintext, AAD);

        assertEquals(12 + 20 + 16 + 3, message.length);
        assertEquals(hex(IV, 0, 12), hex(message, 0, 12));
        assertEquals("763031", hex(message, 48, 51));
        assertArrayEquals(plaintext, ReferenceReader.infisical(ZEROS, message, AAD));
      }
    }

    @Test
    @Conformance("C-54")
    void v02HasTheVersionBeforeItsTrailer() throws Exception {
      try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = kms.withMaterial(id, KeyAlgorithm.AES_256_GCM, ZEROS, ZEROS, ONES);

        byte[] message = kms.seal(key, plaintext, AAD);

        assertEquals(12 + 20 + 16 + 4 + 3, message.length);
        assertEquals(hex(IV, 0, 12), hex(message, 0, 12));
        assertEquals("00000003" + "763032", hex(message, 48, 55));
        assertArrayEquals(plaintext, ReferenceReader.infisical(ONES, message, AAD));
      }
    }

    @Test
    void pinnedFirstVersionOfARotatedKeySealsV01() throws Exception {
      try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = kms.withMaterial(id, KeyAlgorithm.AES_128_GCM, new byte[16], new byte[16]);

        byte[] message = kms.seal(KmsKey.of(id, 1), plaintext);

        assertEquals("763031", hex(message, 48, 51));
        assertArrayEquals(plaintext, kms.open(key, message));
        assertArrayEquals(plaintext, ReferenceReader.infisical(new byte[16], message));
      }
    }

    @Test
    @Conformance("C-53")
    void xaesIsFormatVersionNonceCiphertextTagCommitment() throws Exception {
      try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = kms.withMaterial(id, KeyAlgorithm.XAES_256_GCM, ZEROS, ONES);

        byte[] message = kms.seal(key, plaintext, AAD);

        assertEquals(20 + 77, message.length);
        assertEquals("01" + "00000002", hex(message, 0, 5));
        assertEquals(hex(IV, 0, 24), hex(message, 5, 29));
        assertArrayEquals(plaintext, ReferenceReader.xaes(id, ONES, message, AAD));
      }
    }
  }

  @Test
  void referenceReaderOpensMessagesOfManyLengths() throws Exception {
    try (KmsFixture kms = KmsFixture.open()) {
      byte[] material = KmsFixture.bytes(9, 32);
      UUID id = UUID.randomUUID();
      KmsKey xaes = kms.withMaterial(id, KeyAlgorithm.XAES_256_GCM, material);
      KmsKey aes = kms.withMaterial(UUID.randomUUID(), KeyAlgorithm.AES_256_GCM, material);
      for (int length = 0; length < 20_000; length = length * 3 + 1) {
        byte[] plaintext = KmsFixture.bytes(length, length);

        assertArrayEquals(
            plaintext, ReferenceReader.xaes(id, material, kms.seal(xaes, plaintext, AAD), AAD));
        assertArrayEquals(
            plaintext, ReferenceReader.infisical(material, kms.seal(aes, plaintext, AAD), AAD));
      }
    }
  }

  @Nested
  class Infisical {
    @Test
    @Conformance("C-54")
    void capturedMessageOpens() throws Exception {
      JsonNode captured =
          new ObjectMapper().readTree(SharedVectors.read("infisical.json")).get("captured");
      try (KmsFixture kms = KmsFixture.open()) {
        KmsKey key =
            kms.withMaterial(
                UUID.fromString(captured.get("keyId").asText()),
                KeyAlgorithm.AES_256_GCM,
                HEX.parseHex(captured.get("keyMaterialHex").asText()));
        byte[] message = Base64.getDecoder().decode(captured.get("ciphertextBase64").asText());

        String plaintext = kms.openText(key, message);

        assertEquals(captured.get("plaintextUtf8").asText(), plaintext);
        SharedVectors.ran("Infisical, captured", 1);
      }
    }

    @Test
    @Conformance("C-54")
    void derivedMessagesAreOursByteForByte() throws Exception {
      JsonNode derived =
          new ObjectMapper()
              .readTree(SharedVectors.read("infisical.json"))
              .get("derived_with_fixed_iv");
      byte[] material =
          HEX.parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
      byte[] half = Arrays.copyOf(material, 16);
      check(derived.get("aes-256-gcm_v01"), KeyAlgorithm.AES_256_GCM, material);
      check(derived.get("aes-256-gcm_v02_keyVersion2"), KeyAlgorithm.AES_256_GCM, ZEROS, material);
      check(derived.get("aes-128-gcm_v01"), KeyAlgorithm.AES_128_GCM, half);
      SharedVectors.ran("Infisical, derived", 3);
    }

    private void check(JsonNode wanted, KeyAlgorithm algorithm, byte[]... materials)
        throws Exception {
      try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = kms.withMaterial(UUID.randomUUID(), algorithm, materials);

        byte[] message = kms.seal(key, KmsFixture.text("hello"));

        assertEquals(wanted.asText(), Base64.getEncoder().encodeToString(message));
        assertEquals("hello", kms.openText(key, message));
      }
    }
  }

  @Nested
  class Hints {
    private final KmsFixture kms = KmsFixture.open();

    @Test
    @Conformance("C-54")
    void v01MessageWhoseCiphertextEndsInV02StillOpens() throws Exception {
      byte[] trailer = KmsFixture.text("v02");
      try (KmsFixture fixed = KmsFixture.withIvs(new FixedIvSource(IV))) {
        KmsKey key = fixed.withMaterial(UUID.randomUUID(), KeyAlgorithm.AES_256_GCM, ZEROS);
        byte[] stream = Arrays.copyOfRange(fixed.seal(key, new byte[10]), 12, 22);
        byte[] plaintext = new byte[10];
        for (int i = 0; i < 3; i++) {
          plaintext[7 + i] = (byte) (stream[7 + i] ^ trailer[i]);
        }
        fixed.keyring.cache().forgetAll();

        byte[] message = fixed.seal(key, plaintext);

        assertEquals("763032", hex(message, 19, 22));
        assertArrayEquals(plaintext, fixed.open(key, message));
      }
    }

    @Test
    @Conformance("C-54")
    void messageOfEachVersionOpensWhateverTheHintSays() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM, 4);
      for (int version = 1; version <= 4; version++) {
        byte[] message = kms.seal(KmsKey.of(key.keyId(), version), AAD);
        byte[] core = Arrays.copyOf(message, 12 + AAD.length + 16);
        for (int hint : new int[] {0, 1, 2, 3, 4, 5, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
          byte[] hinted =
              java.nio.ByteBuffer.allocate(core.length + 7)
                  .put(core)
                  .putInt(hint)
                  .put(KmsFixture.text("v02"))
                  .array();
          assertArrayEquals(AAD, kms.open(key, hinted), version + " hinted as " + hint);
        }
      }
    }

    @Test
    @Conformance("C-25")
    void xaesTriesTheVersionInTheMessageAlone() throws Exception {
      KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM, 2);
      byte[] message = kms.seal(key, AAD);
      for (int version : new int[] {0, 1, 3, -1, 0x01000002}) {
        byte[] changed = message.clone();
        java.nio.ByteBuffer.wrap(changed).putInt(1, version);
        assertThrows(AEADBadTagException.class, () -> kms.open(key, changed));
      }
      byte[] format = message.clone();
      format[0] = 2;
      assertThrows(AEADBadTagException.class, () -> kms.open(key, format));
    }

    @Test
    @Conformance("C-53")
    void xaesMessageIsBoundToItsKeyIdEvenUnderTheSameMaterial() throws Exception {
      KmsKey one = kms.withMaterial(UUID.randomUUID(), KeyAlgorithm.XAES_256_GCM, ZEROS);
      KmsKey other = kms.withMaterial(UUID.randomUUID(), KeyAlgorithm.XAES_256_GCM, ZEROS);

      byte[] message = kms.seal(one, AAD);

      assertThrows(AEADBadTagException.class, () -> kms.open(other, message));
      assertArrayEquals(AAD, kms.open(one, message));
    }

    @Test
    void overheadsAreThoseOfTheFormats() throws Exception {
      assertEquals(31, SealedMessage.minOverhead(KeyAlgorithm.AES_128_GCM));
      assertEquals(31, SealedMessage.minOverhead(KeyAlgorithm.AES_256_GCM));
      assertEquals(77, SealedMessage.minOverhead(KeyAlgorithm.XAES_256_GCM));
      assertTrue(kms.seal(kms.key(KeyAlgorithm.AES_256_GCM, 2), AAD).length == AAD.length + 35);
    }
  }
}
