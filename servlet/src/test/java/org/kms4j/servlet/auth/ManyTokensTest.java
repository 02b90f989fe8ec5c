package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * However many tokens have left a row, a check looks at its own alone: what is asserted is the plan
 * of the database, not a time. A million rows with the profile "vectors".
 */
class ManyTokensTest extends AuthCase {
  private static final int TOKENS =
      "large".equals(System.getProperty("test.vectors")) ? 1_000_000 : 20_000;
  private static final TokenTerms TWO_USES =
      new TokenTerms(TokenLifetime.DEFAULT, 2, Networks.ANYWHERE, Networks.ANYWHERE);

  @BeforeEach
  void open() {
    fill("auth_counted_token (token_id, expires_at, uses, max_uses)", ", 0, 5");
    fill("auth_revoked_token (token_id, expires_at)", "");
  }

  private void fill(String into, String more) {
    long later = auth.clock.millis() + 86_400_000;
    auth.tables.write(
        session ->
            session.update(
                "INSERT INTO "
                    + into
                    + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                    + " SELECT lower(hex(randomblob(18))), ?"
                    + more
                    + " FROM n",
                TOKENS,
                later));
  }

  private void assertLooksItUp(String sql) {
    long places = sql.chars().filter(c -> c == '?').count();
    List<String> plan =
        auth.tables.read(
            session ->
                session.all(
                    "EXPLAIN QUERY PLAN " + sql,
                    row -> row.getString(4),
                    Collections.nCopies((int) places, "0").toArray()));

    assertFalse(plan.isEmpty(), sql);
    assertTrue(
        plan.stream()
            .filter(step -> step.startsWith("SCAN") || step.startsWith("SEARCH"))
            .allMatch(step -> step.startsWith("SEARCH") && step.contains(" USING ")),
        sql + ": " + plan);
    assertTrue(plan.stream().anyMatch(step -> step.startsWith("SEARCH")), sql + ": " + plan);
  }

  @Test
  void everyStatementOfACheckUsesAnIndex() {
    assertLooksItUp(AccessTokens.STANDING);
    assertLooksItUp(AccessTokens.COUNT_USE);
    assertLooksItUp(AccessTokens.FORGET_COUNTED);
    assertLooksItUp(AccessTokens.FORGET_REVOKED);
  }

  @Test
  void tokensAreIssuedCheckedAndRevokedAmongThem() throws Exception {
    String counted = auth.token(auth.client(TWO_USES, SecretLimits.NONE));
    auth.tokens.verify(counted, AuthFixture.HERE);
    auth.tokens.revoke(counted);
    String free = auth.token(auth.client(TokenLifetime.DEFAULT));
    auth.tokens.verify(free, AuthFixture.HERE);

    long rows =
        auth.tables.read(
            session ->
                session
                    .one("SELECT COUNT(*) FROM auth_revoked_token", row -> row.getLong(1))
                    .orElseThrow());
    assertEquals(TOKENS + 1L, rows);
  }
}
