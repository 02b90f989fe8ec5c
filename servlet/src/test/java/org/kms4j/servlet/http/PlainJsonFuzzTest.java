package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Reads arbitrary bytes by the short way and by the parser: what comes out, or what is said to be
 * wrong, is the same. What the short way takes, a parser of JSON that nobody here has set up reads
 * as the same bytes.
 */
class PlainJsonFuzzTest {
  private static final String MEMBER = "plaintext";

  private static final ObjectMapper STRANGER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** The first byte says whether further members are refused. */
  @FuzzTest
  void bothWaysAgree(byte[] data) throws Exception {
    boolean strict = data.length > 0 && (data[0] & 1) == 1;
    byte[] json = data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length);

    assertEquals(
        PlainJsonTest.outcome(json, strict, Body::parsedBinary),
        PlainJsonTest.outcome(json, strict, Body::binary));
    Optional<byte[]> taken = PlainJson.binary(json, MEMBER, PlainJsonTest.MAX_BYTES, strict);
    if (taken.isPresent()) {
      assertTrue(taken.get().length > 0 && taken.get().length <= PlainJsonTest.MAX_BYTES);
      assertArrayEquals(
          Base64.getDecoder().decode(STRANGER.readTree(json).get(MEMBER).textValue()), taken.get());
    }
  }
}
