package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.store.StoreException;

class AccessTokensTest extends AuthCase {
  private static final TokenLifetime HOUR = new TokenLifetime(3_600, 7_200);

  private AuthFixture.Client client;

  @BeforeEach
  void open() {
    client = auth.client(HOUR);
  }

  private String refusal(String token) {
    return String.valueOf(
        assertThrows(AuthException.class, () -> auth.tokens.verify(token, AuthFixture.HERE))
            .getMessage());
  }

  @Nested
  class WhileItLives {
    @Test
    void aTokenTellsWhoCallsAndTheirRoles() throws Exception {
      auth.identities.setRole(AuthFixture.PROJECT, client.identity(), Role.VIEWER);

      Caller caller = auth.tokens.verify(auth.token(client), AuthFixture.HERE);

      assertEquals(client.identity(), caller.identityId());
      assertEquals(auth.organisation, caller.organisationId());
      assertEquals(Map.of(AuthFixture.PROJECT, Role.VIEWER), caller.roles());
    }

    @Test
    void itCarriesTheClaimsOfUpstream() throws Exception {
      JWTClaimsSet claims = SignedJWT.parse(auth.token(client)).getJWTClaimsSet();

      assertEquals(client.identity().toString(), claims.getStringClaim("identityId"));
      assertEquals(client.secret().id().toString(), claims.getStringClaim("clientSecretId"));
      assertEquals("identityAccessToken", claims.getStringClaim("authTokenType"));
      assertEquals(auth.organisation.toString(), claims.getStringClaim("orgId"));
      assertEquals(auth.organisation.toString(), claims.getStringClaim("rootOrgId"));
      assertEquals(auth.organisation.toString(), claims.getStringClaim("parentOrgId"));
      UUID.fromString(claims.getStringClaim("identityAccessTokenId"));
      assertEquals(
          claims.getIssueTime().toInstant().plusSeconds(3_600),
          claims.getExpirationTime().toInstant());
    }

    @Test
    void aNewRoleHoldsAtOnceForATokenThatIsRemembered() throws Exception {
      String token = auth.token(client);
      auth.tokens.verify(token, AuthFixture.HERE);

      auth.identities.setRole(AuthFixture.PROJECT, client.identity(), Role.ADMIN);

      assertEquals(
          Optional.of(Role.ADMIN),
          auth.tokens.verify(token, AuthFixture.HERE).roleIn(AuthFixture.PROJECT));
    }

    @Test
    void aRememberedTokenIsCheckedWithoutTheDatabase() throws Exception {
      String token = auth.token(client);
      auth.awaitQuiet();
      Caller caller = auth.tokens.verify(token, AuthFixture.HERE);

      auth.database.close();

      assertEquals(caller, auth.tokens.verify(token, AuthFixture.HERE));
      assertThrows(StoreException.class, () -> auth.token(client));
    }

    @Test
    void moreTokensThanAreRememberedAllGoOnServing() throws Exception {
      String first = auth.token(client);
      auth.tokens.verify(first, AuthFixture.HERE);
      for (int i = 0; i < 50; i++) {
        auth.tokens.verify(auth.token(client), AuthFixture.HERE);
      }

      assertEquals(client.identity(), auth.tokens.verify(first, AuthFixture.HERE).identityId());
    }
  }

  @Nested
  class WhenItsTimeIsOver {
    @Test
    void itIsRefusedWhetherRememberedOrNot() throws Exception {
      String remembered = auth.token(client);
      String fresh = auth.token(client);
      auth.tokens.verify(remembered, AuthFixture.HERE);

      auth.clock.advance(Duration.ofHours(1));

      assertEquals("Your token has expired. Please re-authenticate.", refusal(remembered));
      assertEquals("Your token has expired. Please re-authenticate.", refusal(fresh));
    }

    @Test
    void itServesUntilTheLastSecond() throws Exception {
      String token = auth.token(client);

      auth.clock.advance(Duration.ofHours(1).minusSeconds(1));

      assertEquals(client.identity(), auth.tokens.verify(token, AuthFixture.HERE).identityId());
    }
  }

  @Nested
  class Renewed {
    @Test
    void theNewTokenLivesOnWhereTheOldOneEnds() throws Exception {
      String token = auth.token(client);
      auth.clock.advance(Duration.ofMinutes(50));

      AccessTokens.Grant renewed = auth.tokens.renew(token, AuthFixture.HERE);
      auth.clock.advance(Duration.ofMinutes(50));

      assertNotEquals(token, renewed.accessToken());
      assertEquals(HOUR, renewed.lifetime());
      assertEquals(
          client.identity(),
          auth.tokens.verify(renewed.accessToken(), AuthFixture.HERE).identityId());
      assertEquals("Your token has expired. Please re-authenticate.", refusal(token));
    }

    @Test
    void beyondItsLongestTimeItIsRefusedAndDeleted() throws Exception {
      String token = auth.token(client);
      auth.clock.advance(Duration.ofMinutes(50));
      String second = auth.tokens.renew(token, AuthFixture.HERE).accessToken();
      auth.clock.advance(Duration.ofMinutes(50));

      AuthException refused =
          assertThrows(AuthException.class, () -> auth.tokens.renew(second, AuthFixture.HERE));

      assertEquals(
          "Failed to renew MI access token past its Max TTL expiration", refused.getMessage());
      assertEquals("No identity access token found", refusal(second));
    }

    @Test
    void withTheDefaultLifetimesEveryRenewalEndsTheToken() throws Exception {
      String token = auth.token(auth.client(TokenLifetime.DEFAULT));
      auth.clock.advance(Duration.ofMillis(1));

      assertThrows(AuthException.class, () -> auth.tokens.renew(token, AuthFixture.HERE));

      assertEquals("No identity access token found", refusal(token));
    }
  }

  @Nested
  class Revoked {
    @Test
    void itAndItsRenewalsAreRefusedAtOnce() throws Exception {
      String token = auth.token(client);
      String renewed = auth.tokens.renew(token, AuthFixture.HERE).accessToken();
      auth.tokens.verify(token, AuthFixture.HERE);
      auth.tokens.verify(renewed, AuthFixture.HERE);

      auth.tokens.revoke(token);

      assertEquals("No identity access token found", refusal(token));
      assertEquals("No identity access token found", refusal(renewed));
    }

    @Test
    void otherTokensOfTheIdentityLiveOn() throws Exception {
      String token = auth.token(client);
      String other = auth.token(client);

      auth.tokens.revoke(token);

      assertEquals(client.identity(), auth.tokens.verify(other, AuthFixture.HERE).identityId());
    }

    @Test
    void revokingTwiceIsRefused() throws Exception {
      String token = auth.token(client);
      auth.tokens.revoke(token);

      assertThrows(AuthException.class, () -> auth.tokens.revoke(token));
    }

    @Test
    void itEndsWithItsClientSecret() throws Exception {
      String token = auth.token(client);
      auth.tokens.verify(token, AuthFixture.HERE);

      auth.identities.revokeClientSecret(client.secret().id());

      assertEquals("No identity access token found", refusal(token));
    }

    @Test
    void itEndsWithItsIdentity() throws Exception {
      String token = auth.token(client);
      auth.tokens.verify(token, AuthFixture.HERE);

      auth.identities.delete(client.identity());

      assertEquals("No identity access token found", refusal(token));
    }

    @Test
    void whatNobodyCanShowAnymoreIsForgotten() throws Exception {
      auth.tokens.revoke(auth.token(client));
      auth.clock.advance(Duration.ofHours(3));
      auth.tokens.revoke(auth.token(client));

      int rows =
          auth.tables.read(
              session ->
                  session
                      .one("SELECT COUNT(*) FROM auth_revoked_token", row -> row.getInt(1))
                      .orElseThrow());
      assertEquals(1, rows);
    }
  }

  @Nested
  class NotOurs {
    private static final String MALFORMED =
        "The provided access token is malformed."
            + " Please use a valid token or generate a new one and try again.";
    private static final String ALGORITHM =
        "The access token is signed with an invalid algorithm."
            + " Please provide a valid token and try again.";

    @Test
    void whatHasNotThreePartsIsMalformed() {
      assertEquals(MALFORMED, refusal("abc"));
      assertEquals(MALFORMED, refusal(""));
      assertEquals(MALFORMED, refusal("a.b.c.d"));
      assertEquals(MALFORMED, refusal("x".repeat(100_000) + ".b.c"));
    }

    @Test
    void whatHasNoHeaderIsInvalid() throws Exception {
      assertEquals("invalid token", refusal("a.b.c"));
      assertEquals("invalid token", refusal(auth.token(client).substring(7)));
    }

    @Test
    void aChangedTokenHasAnInvalidSignature() throws Exception {
      String[] parts = auth.token(client).split("\\.", -1);

      assertEquals(
          "invalid signature",
          refusal(parts[0] + "." + encoded("{\"identityId\":\"x\"}") + "." + parts[2]));
      assertEquals("invalid signature", refusal(parts[0] + "." + parts[1] + "." + "AAAA"));
    }

    @Test
    void aTokenWithoutSignatureIsRefusedWhateverItsAlgorithm() throws Exception {
      String[] parts = auth.token(client).split("\\.", -1);

      assertEquals("jwt signature is required", refusal(parts[0] + "." + parts[1] + "."));
      assertEquals(
          "jwt signature is required",
          refusal(encoded("{\"alg\":\"none\"}") + "." + parts[1] + "."));
    }

    @Test
    void anotherAlgorithmIsRefusedByName() throws Exception {
      String[] parts = auth.token(client).split("\\.", -1);

      for (String algorithm : new String[] {"none", "HS384", "HS512", "RS256", "ES256", "dir"}) {
        String header = encoded("{\"alg\":\"" + algorithm + "\"}");
        assertEquals(ALGORITHM, refusal(header + "." + parts[1] + "." + parts[2]), algorithm);
      }
    }

    @Test
    void aTokenUnderAnotherKeyHasAnInvalidSignature() throws Exception {
      SignedJWT forged =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(),
              SignedJWT.parse(auth.token(client)).getJWTClaimsSet());
      forged.sign(new MACSigner(new byte[32]));

      assertEquals("invalid signature", refusal(forged.serialize()));
    }

    @Test
    void aCriticalExtensionIsRefusedEvenIfWellSigned() throws Exception {
      SignedJWT strange =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256)
                  .criticalParams(java.util.Set.of("b64"))
                  .build(),
              SignedJWT.parse(auth.token(client)).getJWTClaimsSet());
      strange.sign(auth.signer);

      assertEquals("invalid token", refusal(strange.serialize()));
    }

    @Test
    void anotherKindOfDocumentUnderOurKeyIsNoToken() throws Exception {
      SignedJWT other =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(),
              new JWTClaimsSet.Builder().claim("authTokenType", "somethingElse").build());
      other.sign(auth.signer);

      assertEquals("No identity access token found", refusal(other.serialize()));
    }

    @Test
    void aClaimThatIsMissingMakesItNoToken() throws Exception {
      SignedJWT other =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(),
              new JWTClaimsSet.Builder().claim("authTokenType", "identityAccessToken").build());
      other.sign(auth.signer);

      assertEquals("No identity access token found", refusal(other.serialize()));
    }

    private static String encoded(String json) {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void nothingThatHoldsASecretPrintsIt() throws Exception {
    AccessTokens.Grant grant =
        auth.login.login(client.clientId(), client.secret().text(), AuthFixture.HERE);

    assertTrue(!grant.toString().contains(grant.accessToken()));
    assertTrue(!client.secret().toString().contains(client.secret().text()));
  }
}
