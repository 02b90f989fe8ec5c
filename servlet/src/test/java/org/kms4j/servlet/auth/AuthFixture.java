package org.kms4j.servlet.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.servlet.TestClock;
import org.kms4j.store.Database;

/** Tables, tokens and an identity in a home folder or database of its own; time stands still. */
final class AuthFixture implements AutoCloseable {
  static final String PROJECT = KeyMetadata.DEFAULT_PROJECT;

  /** The address of a client. */
  static final String HERE = "203.0.113.7";

  final TestClock clock = new TestClock();

  /** Longer than it takes to hear of a change by the poll. */
  private static final Duration QUIET = Duration.ofMillis(600);

  private final KeyringConfig config;
  final Database database;
  final Keyring keyring;
  final AuthTables tables;
  final Identities identities;
  final TokenSigner signer;
  final AccessTokens tokens;
  final UniversalAuth login;
  final UUID organisation;

  AuthFixture(Path home, Map<String, String> settings) throws Exception {
    config = KeyringConfig.load(home, settings);
    database = config.openDatabase();
    keyring = config.open(database);
    tables = AuthTables.open(database);
    identities = new Identities(tables, clock);
    organisation = identities.openInstallation(PROJECT, "default", admin -> {});
    KmsKey key = KmsKey.of(keyring.create("tokens", KeyAlgorithm.HMAC_SHA_256).id());
    signer = new TokenSigner(new KmsProvider(keyring), key);
    tokens = new AccessTokens(tables, signer, organisation, clock, TokenLifetime.USUAL);
    login = new UniversalAuth(tables, tokens, clock);
  }

  /** The database as another process has it: it alone can tell that this one wrote. */
  Database openElsewhere() {
    return config.openDatabase();
  }

  /** An identity that can log in. */
  record Client(UUID identity, String clientId, ClientSecret secret) {}

  Client client(TokenLifetime lifetime) {
    return client(lifetime, SecretLimits.NONE);
  }

  Client client(TokenLifetime lifetime, SecretLimits limits) {
    return client(TokenTerms.of(lifetime), limits);
  }

  Client client(TokenTerms terms, SecretLimits limits) {
    UUID identity = identities.createIdentity("robot");
    UUID clientId = identities.enableUniversalAuth(identity, terms);
    return new Client(identity, clientId.toString(), identities.addClientSecret(identity, limits));
  }

  String token(Client client) throws AuthException {
    return login.login(client.clientId(), client.secret().text(), HERE).accessToken();
  }

  /** Until this process has heard of its own changes, too: then what it remembers stays. */
  void awaitQuiet() {
    long generation = tables.generation();
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET.toNanos()) {
      LockSupport.parkNanos(1_000_000);
      if (tables.generation() != generation) {
        generation = tables.generation();
        since = System.nanoTime();
      }
    }
  }

  @Override
  public void close() {
    tables.close();
    keyring.close();
    database.close();
  }
}
