package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import org.kms4j.aead.FixedIvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.vectors.SharedVectors;

/** Wycheproof's AES-GCM suite through the public {@code Cipher}, each vector as a v01 message. */
class WycheproofTest {
  private static final HexFormat HEX = HexFormat.of();

  @Test
  @Conformance("C-54")
  void vectorsThatAMessageCanExpressGiveWhatTheySay() throws Exception {
    JsonNode suite =
        new ObjectMapper().readTree(SharedVectors.read("wycheproof/aes_gcm_test.json"));
    int ran = 0;
    for (JsonNode group : suite.get("testGroups")) {
      int bits = group.get("keySize").asInt();
      boolean ours = group.get("ivSize").asInt() == 96 && group.get("tagSize").asInt() == 128;
      if (ours && (bits == 128 || bits == 256)) {
        for (JsonNode vector : group.get("tests")) {
          run(vector, bits == 128 ? KeyAlgorithm.AES_128_GCM : KeyAlgorithm.AES_256_GCM);
          ran++;
        }
      }
    }
    SharedVectors.ran("Wycheproof AES-GCM through Cipher", ran);
    assertTrue(ran > 50, "only " + ran);
  }

  private static void run(JsonNode vector, KeyAlgorithm algorithm) throws Exception {
    String id = "tcId " + vector.get("tcId").asInt();
    byte[] aad = hex(vector, "aad");
    byte[] plaintext = hex(vector, "msg");
    byte[] message =
        HEX.parseHex(text(vector, "iv") + text(vector, "ct") + text(vector, "tag") + "763031");
    try (KmsFixture kms = KmsFixture.withIvs(new FixedIvSource(hex(vector, "iv")))) {
      KmsKey key = kms.imported(algorithm, hex(vector, "key"));
      if (text(vector, "result").equals("valid")) {
        assertArrayEquals(plaintext, kms.open(key, message, aad), id);
        assertArrayEquals(message, kms.seal(key, plaintext, aad), id);
      } else {
        assertThrows(AEADBadTagException.class, () -> kms.open(key, message, aad), id);
      }
    }
  }

  private static String text(JsonNode vector, String field) {
    return vector.get(field).asText();
  }

  private static byte[] hex(JsonNode vector, String field) {
    return HEX.parseHex(text(vector, field));
  }
}
