package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every token here that can be is signed under our own key: its signature alone is no ticket. */
class TokenFormatTest {
  private static final String MALFORMED =
      "The provided access token is malformed."
          + " Please use a valid token or generate a new one and try again.";
  private static final String ALGORITHM =
      "The access token is signed with an invalid algorithm."
          + " Please provide a valid token and try again.";
  private static final String INVALID = "invalid token";
  private static final String SIGNATURE = "invalid signature";
  private static final String UNSIGNED = "jwt signature is required";

  private static final String OURS = "{\"typ\":\"JWT\",\"alg\":\"HS256\"}";

  private final TokenSigner signer = signer(new byte[32]);
  private final TokenFormat format = new TokenFormat(signer);
  private final TokenClaims claims = claims();
  private final String token = format.write(claims);
  private final String payload = token.split("\\.", -1)[1];
  private final String signature = token.split("\\.", -1)[2];

  private static TokenSigner signer(byte[] key) {
    return new TokenSigner(Security.getProvider("SunJCE"), new SecretKeySpec(key, "HmacSHA256"));
  }

  private static TokenClaims claims() {
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    return new TokenClaims(
        UUID.randomUUID(),
        UUID.randomUUID(),
        UUID.randomUUID(),
        UUID.randomUUID(),
        now,
        now,
        TokenLifetime.DEFAULT,
        0);
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** These two parts with HS256 under our key, whatever they say. */
  private String signed(String header, String body) throws JOSEException {
    String input = header + "." + body;
    JWSHeader ours = new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build();
    return input + "." + signer.sign(ours, input.getBytes(StandardCharsets.UTF_8));
  }

  private String underHeader(String json) throws JOSEException {
    return signed(encoded(json), payload);
  }

  private String refusal(String hostile) {
    AuthException refused = assertThrows(AuthException.class, () -> format.read(hostile), hostile);
    return refused.getMessage() + "";
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    assertEquals(claims, format.read(token));
    assertEquals(encoded(OURS), token.split("\\.", -1)[0]);
  }

  @Nested
  class AHeaderThatIsNotOurs {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "none", "None", "NONE", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "dir",
          "hs256", "HS256 ", ""
        })
    void withAnotherAlgorithmIsRefusedByName(String algorithm) throws Exception {
      String header = "{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\"}";

      assertEquals(ALGORITHM, refusal(underHeader(header)));
      assertEquals(UNSIGNED, refusal(encoded(header) + "." + payload + "."));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"crit\":null}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"b64\":false}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"alg\":\"HS256\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"alg\":\"none\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"jku\":\"https://evil.example/keys\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"x5u\":\"https://evil.example/cert\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"zip\":\"DEF\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"cty\":\"JWT\"}",
          "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
          "{\"alg\":\"HS256\"}",
          "{\"typ\":\"JWT\"}",
          "{\"typ\":\"JWT\",\"alg\":null}",
          "{\"typ\":\"JWT\",\"alg\":5}",
          "{\"typ\":\"JWT\",\"alg\":[\"HS256\"]}",
          "{\"typ\":\"JWT\",\"\\u0061lg\":\"none\"}",
          "{\"typ\":\"JWT\",\"alg\":\"\\u0048S256\"}",
          "{ \"typ\":\"JWT\",\"alg\":\"HS256\"}",
          "{\"typ\":\"JWT\",\"alg\":\"HS256\"}\n",
          "{}",
          "{{{{}"
        })
    void withMoreOrLessIsInvalidEvenIfWellSigned(String header) throws Exception {
      assertEquals(INVALID, refusal(underHeader(header)));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "null",
          "[]",
          "[{\"alg\":\"HS256\"}]",
          "5",
          "-1e999",
          "\"HS256\"",
          "true",
          "",
          " ",
          "{",
          "}",
          "\0",
          "nul",
          "{\"alg\":\"HS256\""
        })
    void thatIsNoObjectIsInvalid(String header) throws Exception {
      assertEquals(INVALID, refusal(underHeader(header)));
      assertEquals(INVALID, refusal(encoded(header) + "." + payload + "."));
      assertEquals(INVALID, refusal(encoded(header) + ".." + signature));
    }

    @Test
    void thatSpellsOursAnotherWayIsInvalid() throws Exception {
      String ours = encoded(OURS);

      for (String header :
          List.of(
              ours + "=",
              ours + "==",
              " " + ours,
              ours + " ",
              ours + "\n",
              "A" + ours,
              ours + "A",
              ours.substring(1),
              ours.replace('J', 'j'),
              ours + "\u00e9",
              ours + "\ud800")) {
        assertEquals(INVALID, refusal(signed(header, payload)), header);
      }
    }

    @Test
    void ofAPublicKeyDoesNotMakeThatKeyTheSecret() throws Exception {
      byte[] publicKey =
          KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic().getEncoded();
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(publicKey, "HmacSHA256"));

      for (String algorithm : List.of("RS256", "HS256")) {
        String input = encoded("{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\"}") + "." + payload;
        String forged =
            input
                + "."
                + Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(input.getBytes(StandardCharsets.UTF_8)));

        assertEquals(algorithm.equals("HS256") ? SIGNATURE : ALGORITHM, refusal(forged));
      }
    }
  }

  @Nested
  class ASignature {
    @Test
    void thatIsStrippedIsMissed() {
      String body = encoded(OURS) + "." + payload + ".";

      assertEquals(UNSIGNED, refusal(body));
      assertEquals(UNSIGNED, refusal(body + " "));
      assertEquals(MALFORMED, refusal(encoded(OURS) + "." + payload));
    }

    @Test
    void ofAnotherTokenIsInvalid() {
      String other = format.write(claims()).split("\\.", -1)[2];

      assertEquals(SIGNATURE, refusal(encoded(OURS) + "." + payload + "." + other));
      assertEquals(SIGNATURE, refusal(encoded(OURS) + ".." + signature));
    }

    @Test
    void ofAnotherKeyIsInvalid() {
      assertEquals(SIGNATURE, refusal(new TokenFormat(signer(new byte[] {1})).write(claims)));
    }

    @Test
    void hasOneSpelling() {
      // 32 bytes leave two bits over in the last character: four characters decode to the same.
      char last = signature.charAt(signature.length() - 1);
      String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      char twin = alphabet.charAt(alphabet.indexOf(last) ^ 1);
      String cut = signature.substring(0, signature.length() - 1);

      for (String spelled :
          List.of(
              cut + twin,
              signature + "=",
              " " + signature,
              signature + "\n",
              signature + "A",
              cut,
              signature.substring(0, 9) + " " + signature.substring(9),
              signature + "\u00e9",
              "A",
              "*")) {
        assertEquals(SIGNATURE, refusal(encoded(OURS) + "." + payload + "." + spelled), spelled);
      }
    }

    @Test
    void isOverTheTextOfTheClaims() {
      for (String body : List.of(payload + "=", " " + payload, payload + "A", "", "*")) {
        assertEquals(SIGNATURE, refusal(encoded(OURS) + "." + body + "." + signature), body);
      }
    }
  }

  @Nested
  class Claims {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "null",
          "[]",
          "5",
          "\"x\"",
          "true",
          "",
          " ",
          "{",
          "nul",
          "{\"exp\":\"soon\"}",
          "{\"exp\":1e999}",
          "{\"iat\":null,\"exp\":null}",
          "{}",
          "{\"authTokenType\":\"identityAccessToken\"}",
          "{\"authTokenType\":\"identityAccessToken\",\"identityId\":5}",
          "{\"authTokenType\":null}",
          "{\"authTokenType\":[\"identityAccessToken\"]}"
        })
    void thatAreNotOursAreRefusedEvenIfWellSigned(String json) throws Exception {
      AuthException refused =
          assertThrows(
              AuthException.class, () -> format.read(signed(encoded(OURS), encoded(json))));

      assertTrue(List.of(INVALID, "No identity access token found").contains(refused.getMessage()));
    }
  }

  @Test
  void whatHasNotThreePartsIsMalformed() {
    for (String text : List.of("", ".", "abc", "a.b", "a.b.c.d", token + ".", "." + token)) {
      assertEquals(MALFORMED, refusal(text), text);
    }
  }

  @Test
  void aHugeTokenIsMalformedUnread() throws Exception {
    assertEquals(MALFORMED, refusal(".".repeat(1_000_000)));
    assertEquals(MALFORMED, refusal(token + "A".repeat(TokenFormat.MAX_CHARS)));
    assertEquals(MALFORMED, refusal(signed(encoded(OURS), "A".repeat(TokenFormat.MAX_CHARS))));
  }
}
