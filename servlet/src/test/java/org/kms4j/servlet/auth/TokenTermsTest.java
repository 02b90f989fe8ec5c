package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.auth.AccessTokens.Grant;
import org.kms4j.store.Database;

/** What an identity's terms allow: for how long, how often, from where. */
class TokenTermsTest extends AuthCase {
  private static final TokenLifetime HOUR = new TokenLifetime(3_600, 7_200);
  private static final String HERE = AuthFixture.HERE;
  private static final String ELSEWHERE = "198.51.100.1";
  private static final String USED_UP =
      "Unable to renew because access token number of uses limit reached";
  private static final String UNTRUSTED =
      "You are not allowed to access this resource from the current IP address";
  private static final String EXPIRED = "Your token has expired. Please re-authenticate.";

  /** SQLite's counter of commits to the file, by any other connection. */
  String lastChange() {
    return "PRAGMA data_version";
  }

  private AuthFixture.Client client(TokenTerms terms) {
    return auth.client(terms, SecretLimits.NONE);
  }

  private AuthFixture.Client client(TokenLifetime lifetime) {
    return client(TokenTerms.of(lifetime));
  }

  private AuthFixture.Client client(long maxUses) {
    return client(new TokenTerms(HOUR, maxUses, Networks.ANYWHERE, Networks.ANYWHERE));
  }

  private AuthFixture.Client client(String loginFrom, String tokenFrom) {
    return client(new TokenTerms(HOUR, 0, Networks.stored(loginFrom), Networks.stored(tokenFrom)));
  }

  private Grant login(AuthFixture.Client client, String from) throws AuthException {
    return auth.login.login(client.clientId(), client.secret().text(), from);
  }

  private String refusal(String token) {
    return refusal(auth.tokens, token, HERE);
  }

  private static String refusal(AccessTokens tokens, String token, String from) {
    return String.valueOf(
        assertThrows(AuthException.class, () -> tokens.verify(token, from)).getMessage());
  }

  private AccessTokens tokens(AuthTables tables, Duration longest) {
    return new AccessTokens(tables, auth.signer, auth.organisation, auth.clock, longest);
  }

  private long count(String sql) {
    return count(auth.database, sql);
  }

  private static long count(Database database, String sql) {
    return database.read(session -> session.one(sql, row -> row.getLong(1)).orElseThrow());
  }

  @Nested
  class HowOften {
    @Test
    void aTokenServesAsOftenAsItMay() throws Exception {
      String token = auth.token(client(3));
      for (int i = 0; i < 3; i++) {
        auth.tokens.verify(token, HERE);
      }

      assertEquals(USED_UP, refusal(token));
      assertEquals(USED_UP, refusal(token));
    }

    @Test
    void eachTokenHasItsOwnUses() throws Exception {
      AuthFixture.Client client = client(1);
      String first = auth.token(client);
      String second = auth.token(client);
      auth.tokens.verify(first, HERE);

      auth.tokens.verify(second, HERE);

      assertEquals(USED_UP, refusal(second));
    }

    @Test
    void aRenewedTokenHasTheUsesThatAreLeft() throws Exception {
      String token = auth.token(client(2));
      auth.tokens.verify(token, HERE);
      String renewed = auth.tokens.renew(token, HERE).accessToken();
      auth.tokens.verify(renewed, HERE);

      assertEquals(USED_UP, refusal(renewed));
      assertEquals(USED_UP, refusal(token));
      assertThrows(AuthException.class, () -> auth.tokens.renew(renewed, HERE));
    }

    @Test
    void allProcessesTogetherAllowNoMore() throws Exception {
      String token = auth.token(client(50));
      AuthTables elsewhere = AuthTables.open(auth.database);
      AccessTokens there = tokens(elsewhere, TokenLifetime.USUAL);
      List<Callable<Boolean>> uses = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        AccessTokens tokens = i % 2 == 0 ? auth.tokens : there;
        uses.add(() -> isGood(tokens, token));
      }
      ExecutorService pool = Executors.newFixedThreadPool(4);

      int good = 0;
      for (Future<Boolean> use : pool.invokeAll(uses)) {
        good += use.get() ? 1 : 0;
      }

      pool.shutdown();
      assertEquals(USED_UP, refusal(there, token, HERE));
      elsewhere.close();
      assertEquals(50, good);
    }

    private static boolean isGood(AccessTokens tokens, String token) {
      try {
        tokens.verify(token, HERE);
        return true;
      } catch (AuthException e) {
        assertEquals(USED_UP, e.getMessage());
        return false;
      }
    }

    @Test
    void aTokenWithoutALimitWritesNothing() throws Exception {
      AuthFixture.Client client = client(0);
      String limited = auth.token(client(1));
      try (Database elsewhere = auth.openElsewhere()) {
        long before = count(elsewhere, lastChange());

        String token = auth.token(client);
        for (int i = 0; i < 10; i++) {
          auth.tokens.verify(token, HERE);
        }
        auth.tokens.verify(auth.tokens.renew(token, HERE).accessToken(), HERE);

        assertEquals(before, count(elsewhere, lastChange()));
        auth.tokens.verify(limited, HERE);
        assertNotEquals(before, count(elsewhere, lastChange()));
      }
    }

    @Test
    void aUseOfALimitedTokenMakesNobodyForgetAnything() throws Exception {
      String token = auth.token(client(5));
      auth.awaitQuiet();
      long generation = auth.tables.generation();

      auth.tokens.verify(token, HERE);

      assertEquals(generation, auth.tables.generation());
    }

    @Test
    void whatNobodyCanShowAnymoreIsForgotten() throws Exception {
      auth.token(client(5));
      auth.clock.advance(Duration.ofHours(3));
      auth.token(client(5));

      assertEquals(1, count("SELECT COUNT(*) FROM auth_counted_token"));
    }

    @Test
    void aUseThatIsRefusedForItsAddressIsNone() throws Exception {
      AuthFixture.Client client =
          client(new TokenTerms(HOUR, 1, Networks.ANYWHERE, Networks.stored(HERE)));
      String token = auth.token(client);
      assertEquals(UNTRUSTED, refusal(auth.tokens, token, ELSEWHERE));

      auth.tokens.verify(token, HERE);

      assertEquals(USED_UP, refusal(token));
    }
  }

  @Nested
  class FromWhere {
    @Test
    void aLoginComesFromWhereItMay() throws Exception {
      AuthFixture.Client client = client("203.0.113.0/24 2001:db8::/32", "0.0.0.0/0 ::/0");
      login(client, HERE);
      login(client, "2001:db8::7");

      AuthException refused = assertThrows(AuthException.class, () -> login(client, ELSEWHERE));

      assertEquals(AuthException.Kind.UNTRUSTED_ADDRESS, refused.kind());
      assertEquals(UNTRUSTED, refused.getMessage());
      auth.tokens.verify(login(client, HERE).accessToken(), ELSEWHERE);
    }

    @Test
    void whoMayNotLogInFromThereCanNeitherGuessNorLockOut() throws Exception {
      AuthFixture.Client client = client(HERE, "0.0.0.0/0 ::/0");
      for (int i = 0; i < 5; i++) {
        AuthException refused =
            assertThrows(
                AuthException.class, () -> auth.login.login(client.clientId(), "guess", ELSEWHERE));
        assertEquals(UNTRUSTED, refused.getMessage());
      }

      login(client, HERE);
    }

    @Test
    void aTokenServesWhereItMayRememberedOrNot() throws Exception {
      String token = auth.token(client("0.0.0.0/0 ::/0", "203.0.113.0/24"));

      assertEquals(UNTRUSTED, refusal(auth.tokens, token, ELSEWHERE));
      auth.tokens.verify(token, HERE);
      assertEquals(UNTRUSTED, refusal(auth.tokens, token, ELSEWHERE));
      assertEquals(UNTRUSTED, refusal(auth.tokens, token, "no address"));
      auth.tokens.verify(token, "203.0.113.200");
    }

    @Test
    void aTokenIsRenewedWhereItServesAndEndedFromAnywhere() throws Exception {
      String token = auth.token(client("0.0.0.0/0 ::/0", HERE));

      assertEquals(
          UNTRUSTED,
          assertThrows(AuthException.class, () -> auth.tokens.renew(token, ELSEWHERE))
              .getMessage());
      auth.tokens.renew(token, HERE);
      auth.tokens.revoke(token);

      assertEquals("No identity access token found", refusal(token));
    }
  }

  @Nested
  class HowLong {
    private static final long USUAL = 2_592_000;

    @Test
    void withoutATtlATokenLivesAsLongAsItsMaxTtl() throws Exception {
      Grant grant = login(client(new TokenLifetime(0, 600)), HERE);
      auth.clock.advance(Duration.ofSeconds(599));
      auth.tokens.verify(grant.accessToken(), HERE);
      auth.clock.advance(Duration.ofSeconds(1));

      assertEquals(EXPIRED, refusal(grant.accessToken()));
      assertEquals(new TokenLifetime(600, 600), grant.lifetime());
    }

    @Test
    void withoutEitherItLivesAsLongAsTheServerAllows() throws Exception {
      Grant grant = login(client(new TokenLifetime(0, 0)), HERE);
      auth.clock.advance(Duration.ofSeconds(USUAL - 1));
      auth.tokens.verify(grant.accessToken(), HERE);
      auth.clock.advance(Duration.ofSeconds(1));

      assertEquals(EXPIRED, refusal(grant.accessToken()));
      assertEquals(new TokenLifetime(USUAL, USUAL), grant.lifetime());
    }

    @Test
    void renewalGivesATokenWithoutTtlNothingMore() throws Exception {
      String token = login(client(new TokenLifetime(0, 600)), HERE).accessToken();
      auth.clock.advance(Duration.ofSeconds(500));

      Grant renewed = auth.tokens.renew(token, HERE);
      auth.clock.advance(Duration.ofSeconds(100));

      assertEquals(new TokenLifetime(100, 600), renewed.lifetime());
      assertEquals(EXPIRED, refusal(renewed.accessToken()));
    }

    @Test
    void withoutAMaxTtlATokenIsRenewedUntilTheServersLimit() throws Exception {
      long day = 86_400;
      String token = login(client(new TokenLifetime(day, 0)), HERE).accessToken();
      for (int i = 0; i < 29; i++) {
        auth.clock.advance(Duration.ofSeconds(day - 1));
        token = auth.tokens.renew(token, HERE).accessToken();
      }
      auth.clock.advance(Duration.ofSeconds(day - 1));
      String last = token;

      AuthException refused =
          assertThrows(AuthException.class, () -> auth.tokens.renew(last, HERE));

      assertEquals(
          "Failed to renew MI access token past its Max TTL expiration", refused.getMessage());
    }

    @Test
    void aServerThatAllowsLessShortensAll() throws Exception {
      AuthTables elsewhere = AuthTables.open(auth.database);
      AccessTokens strict = tokens(elsewhere, Duration.ofMinutes(10));
      AuthFixture.Client client = client(HOUR);
      String before = login(client, HERE).accessToken();
      String renewable = login(client, HERE).accessToken();
      assertThrows(AuthException.class, () -> strict.renew(renewable, HERE));

      Grant grant =
          new UniversalAuth(elsewhere, strict, auth.clock)
              .login(client.clientId(), client.secret().text(), HERE);
      auth.clock.advance(Duration.ofMinutes(10));

      assertEquals(new TokenLifetime(600, 600), grant.lifetime());
      assertEquals(EXPIRED, refusal(strict, grant.accessToken(), HERE));
      assertEquals(EXPIRED, refusal(strict, before, HERE));
      auth.tokens.verify(before, HERE);
      elsewhere.close();
    }

    @Test
    void aRevokedTokenWithoutTtlStaysRevoked() throws Exception {
      String token = login(client(new TokenLifetime(0, 0)), HERE).accessToken();
      auth.tokens.revoke(token);
      auth.clock.advance(Duration.ofSeconds(USUAL - 1));
      auth.tokens.revoke(auth.token(client(HOUR)));

      assertEquals("No identity access token found", refusal(token));
    }

    @Test
    void aLifetimeThatCannotBeIsRefused() {
      assertThrows(IllegalArgumentException.class, () -> new TokenLifetime(2, 1));
      assertThrows(IllegalArgumentException.class, () -> new TokenLifetime(-1, 1));
      assertThrows(IllegalArgumentException.class, () -> new TokenLifetime(0, 315_360_001));
      assertThrows(
          IllegalArgumentException.class,
          () -> new TokenTerms(HOUR, -1, Networks.ANYWHERE, Networks.ANYWHERE));
    }
  }
}
