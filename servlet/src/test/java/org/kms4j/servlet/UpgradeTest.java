package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.servlet.auth.AuthTables;
import org.kms4j.servlet.auth.TokenSigner;
import org.kms4j.store.Database;
import org.kms4j.store.Session;

/** A home of the first release comes up with this one, and nothing of it is lost. */
class UpgradeTest {
  private static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;
  private static final String OTHER_PROJECT = "5a0f9be0-21c0-4d0c-9a3a-3f8e7a5b1c2d";
  private static final String LIST = ApiClient.KEYS + "?projectId=" + PROJECT;
  private static final String SECRET = "5ec2e7".repeat(10) + "5ec2";
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path home;
  private final UUID organisation = UUID.randomUUID();
  private final Person admin = new Person("admin");
  private final Person robot = new Person("robot");
  private final long made = Instant.now().minusSeconds(60).toEpochMilli();

  /** Somebody who can log in. */
  private static final class Person {
    private final String name;
    private final UUID id = UUID.randomUUID();
    private final UUID clientId = UUID.randomUUID();
    private final UUID secretId = UUID.randomUUID();

    private Person(String name) {
      this.name = name;
    }
  }

  /** What the first release left behind: a key, a token that serves and one that was revoked. */
  private record Old(String keyId, String token, String revoked) {}

  @Test
  void aHomeInAFileIsUpgraded() throws Exception {
    upgrade(Map.of());
  }

  @Test
  void aHomeInPostgreSqlIsUpgraded() throws Exception {
    upgrade(Map.of("kms.store", PostgresServer.emptySchema()));
  }

  @Test
  void ofProjectsWithOneSlugTheOldestKeepsIt() throws Exception {
    earlierRelease(Map.of(), 3);

    try (EmbeddedServer server = EmbeddedServer.start(home, Map.of("kms.http.port", "0"))) {
      assertSlugs(server, Map.of(PROJECT, "shared", OTHER_PROJECT, OTHER_PROJECT));
      ApiClient.anonymous(server.url()).logIn(admin.clientId.toString(), SECRET).get(LIST).ok();
    }
  }

  private void upgrade(Map<String, String> store) throws Exception {
    Old old = earlierRelease(store, 1);
    Map<String, String> settings = new TreeMap<>(store);
    settings.put("kms.http.port", "0");

    try (EmbeddedServer server = EmbeddedServer.start(home, settings)) {
      ApiClient anonymous = ApiClient.anonymous(server.url());
      ApiClient root = anonymous.logIn(admin.clientId.toString(), SECRET);
      ApiClient viewer = anonymous.logIn(robot.clientId.toString(), SECRET);

      assertFalse(server.firstStart());
      assertFalse(Files.exists(home.resolve("bootstrap.json")));
      assertArrayEquals(TEXT, root.open(old.keyId(), root.seal(old.keyId(), TEXT)));
      anonymous.withToken(old.token()).get(LIST).ok();
      anonymous
          .withToken(old.revoked())
          .get(LIST)
          .is(401, "UnauthorizedError", "No identity access token found");
      viewer.get(LIST).ok();
      assertSlugs(server, Map.of(PROJECT, PROJECT, OTHER_PROJECT, OTHER_PROJECT));
      viewer
          .encrypt(old.keyId(), TEXT)
          .is(403, "PermissionDenied", "You are not allowed to encrypt on cmek");
      assertWhoAdministers(root, viewer);
    }
    // And once more, now that nothing is left to do.
    try (EmbeddedServer server = EmbeddedServer.start(home, settings)) {
      ApiClient.anonymous(server.url()).withToken(old.token()).get(LIST).ok();
    }
  }

  /** The second schema brought roles in the organisation: the first identity has the highest. */
  private void assertWhoAdministers(ApiClient root, ApiClient viewer) throws Exception {
    String order = "{\"name\":\"x\",\"organizationId\":\"" + organisation + "\"}";

    root.post("/api/v1/identities", order).ok();
    viewer
        .post("/api/v1/identities", order)
        .is(403, "PermissionDenied", "You are not allowed to create on identity");
  }

  /** The second schema brought slugs, the fourth made them unique. */
  private static void assertSlugs(EmbeddedServer server, Map<String, String> wanted) {
    Map<String, String> slugs = new TreeMap<>();
    server
        .server()
        .database()
        .read(
            session ->
                session.all(
                    "SELECT project_id, slug FROM auth_project",
                    row -> slugs.put(row.getString(1), row.getString(2))));
    assertEquals(wanted, slugs);
  }

  private Old earlierRelease(Map<String, String> store, int schema) throws Exception {
    HomeFolder.create(home);
    KeyringConfig config = KeyringConfig.load(home, store);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      String keyId = keyring.create("orders", KeyAlgorithm.AES_256_GCM).id().toString();
      UUID revoked = UUID.randomUUID();
      database.writeDistinct(
          session -> {
            for (int script = 1; script <= schema; script++) {
              run(session, "auth-" + script + ".sql");
            }
            session.update("INSERT INTO kms_schema (part, version) VALUES ('auth', ?)", schema);
            session.update(
                "INSERT INTO auth_organisation (id, organisation_id, created_at) VALUES (1, ?, ?)",
                organisation.toString(),
                made);
            insertProject(session, PROJECT, made);
            insertProject(session, OTHER_PROJECT, made + 1);
            if (schema > 1) {
              session.update("UPDATE auth_project SET slug = 'shared'");
            }
            insert(session, admin, made, "admin");
            insert(session, robot, made + 1, "viewer");
            return session.update(
                "INSERT INTO auth_revoked_token (token_id, expires_at) VALUES (?, ?)",
                revoked.toString(),
                made + 86_400_000);
          });
      return new Old(keyId, token(keyring, UUID.randomUUID()), token(keyring, revoked));
    }
  }

  private static void insertProject(Session session, String project, long now) throws SQLException {
    session.update(
        "INSERT INTO auth_project (project_id, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
        project,
        "default",
        now,
        now);
  }

  private static void insert(Session session, Person person, long now, String role)
      throws SQLException {
    String id = person.id.toString();
    session.update(
        "INSERT INTO auth_identity (identity_id, name, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?)",
        id,
        person.name,
        now,
        now);
    session.update(
        "INSERT INTO auth_universal (identity_id, client_id, token_ttl_seconds,"
            + " token_max_ttl_seconds, wrong_secrets, last_wrong_at, locked_until, created_at,"
            + " updated_at) VALUES (?, ?, 3600, 7200, 0, 0, 0, ?, ?)",
        id,
        person.clientId.toString(),
        now,
        now);
    session.update(
        "INSERT INTO auth_client_secret (client_secret_id, identity_id, sha256, prefix, uses,"
            + " max_uses, expires_at, revoked, created_at, updated_at)"
            + " VALUES (?, ?, ?, '5ec2', 0, 0, 0, 0, ?, ?)",
        person.secretId.toString(),
        id,
        sha256(SECRET),
        now,
        now);
    session.update(
        "INSERT INTO auth_membership (identity_id, project_id, role, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, ?)",
        id,
        PROJECT,
        role,
        now,
        now);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** With the claims that the first release wrote, under the key that it made. */
  private String token(Keyring keyring, UUID tokenId) throws Exception {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .claim("identityId", admin.id.toString())
            .claim("clientSecretId", admin.secretId.toString())
            .claim("identityAccessTokenId", tokenId.toString())
            .claim("authTokenType", "identityAccessToken")
            .jwtID(UUID.randomUUID().toString())
            .claim("orgId", organisation.toString())
            .claim("rootOrgId", organisation.toString())
            .claim("parentOrgId", organisation.toString())
            .claim("createdAt", made)
            .claim("accessTokenTTL", 3_600)
            .claim("accessTokenMaxTTL", 7_200)
            .issueTime(Date.from(Instant.ofEpochMilli(made)))
            .expirationTime(Date.from(Instant.ofEpochMilli(made + 3_600_000)))
            .build();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build(), claims);
    token.sign(
        new TokenSigner(new KmsProvider(keyring), KmsKey.of(SigningKey.findOrCreate(keyring))));
    return token.serialize();
  }

  private static void run(Session session, String script) throws SQLException {
    for (String statement : statements(script)) {
      session.update(statement);
    }
  }

  private static List<String> statements(String script) {
    try (InputStream in = AuthTables.class.getResourceAsStream(script)) {
      return new Scanner(in, StandardCharsets.UTF_8).useDelimiter(";\\s*\\R").tokens().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
