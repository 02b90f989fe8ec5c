package org.kms4j.servlet;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.servlet.audit.AuditLog;
import org.kms4j.servlet.audit.FileAuditLog;
import org.kms4j.servlet.auth.AccessTokens;
import org.kms4j.servlet.auth.Administration;
import org.kms4j.servlet.auth.AuthTables;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.auth.TokenSigner;
import org.kms4j.servlet.auth.UniversalAuth;
import org.kms4j.servlet.http.Counters;
import org.kms4j.servlet.route.DocsRoutes;
import org.kms4j.servlet.route.EncryptionRoutes;
import org.kms4j.servlet.route.IdentityRoutes;
import org.kms4j.servlet.route.KeyRoutes;
import org.kms4j.servlet.route.LoginRoutes;
import org.kms4j.servlet.route.MacRoutes;
import org.kms4j.servlet.route.MetricsRoutes;
import org.kms4j.servlet.route.ProjectRoutes;
import org.kms4j.servlet.route.SigningRoutes;
import org.kms4j.servlet.route.StatusRoutes;
import org.kms4j.servlet.route.TransferRoutes;
import org.kms4j.store.Database;

/**
 * Everything behind the servlet, put together: settings, database, keyring, provider, identities,
 * routes. The same in a container and by itself.
 *
 * <p>Closing it goes the same way back, and wipes all key material from memory.
 */
final class Server implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Database database;
  private final Keyring keyring;
  private final Identities identities;
  private final Routes routes;
  private final KmsServlet servlet;
  private final boolean firstStart;

  private Server(ServerConfig config, String url, Clock clock) {
    try {
      AuditLog audit =
          opened(config.audit().<AuditLog>map(FileAuditLog::open).orElse(AuditLog.NONE));
      this.database = opened(config.keyring().openDatabase());
      this.keyring = opened(config.keyring().open(database));
      KmsProvider provider = new KmsProvider(keyring);
      AuthTables tables =
          opened(AuthTables.open(database, config.keyring().poll(), config.keyring().lease()));
      this.identities = new Identities(tables, clock);
      TokenSigner signer = new TokenSigner(provider, KmsKey.of(SigningKey.findOrCreate(keyring)));
      Bootstrap.Installation installation =
          Bootstrap.open(identities, config.keyring().home(), url);
      this.firstStart = installation.first();
      AccessTokens tokens =
          new AccessTokens(
              tables, signer, installation.organisation(), clock, config.maxTokenAge());
      Counters counters = new Counters();
      this.routes =
          new Routes(
              new LoginRoutes(new UniversalAuth(tables, tokens, clock), tokens),
              new IdentityRoutes(new Administration(tables, clock)),
              new ProjectRoutes(new Administration(tables, clock)),
              new KeyRoutes(keyring, provider),
              new EncryptionRoutes(provider),
              new SigningRoutes(provider, keyring),
              new MacRoutes(provider),
              new TransferRoutes(keyring),
              new StatusRoutes(
                  clock,
                  config.maxTokenAge(),
                  keyring,
                  () -> keyring.storeAnswers() && tables.storeAnswers()),
              config.docs() ? Optional.of(DocsRoutes.load()) : Optional.empty(),
              config.metrics() ? Optional.of(new MetricsRoutes(counters)) : Optional.empty());
      this.servlet =
          new KmsServlet(
              routes,
              tokens,
              new Gate(keyring, identities),
              config.cors(),
              new ClientAddress(config.proxies()),
              RateLimit.perMinute(config.rateLimit(), clock),
              audit,
              counters,
              clock,
              config.strict());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the home folder.
   *
   * @param url where clients will find the server; goes into {@code bootstrap.json}
   * @throws org.kms4j.root.RootKeyException if the root key is not the store's
   * @throws org.kms4j.servlet.audit.AuditException if there is to be an audit log, and it cannot be
   *     written
   */
  static Server open(ServerConfig config, String url, Clock clock) {
    return new Server(config, url, clock);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  KmsServlet servlet() {
    return servlet;
  }

  Routes routes() {
    return routes;
  }

  Identities identities() {
    return identities;
  }

  Keyring keyring() {
    return keyring;
  }

  Database database() {
    return database;
  }

  /** Whether this start has made the installation. */
  boolean firstStart() {
    return firstStart;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        // The rest must be closed all the same: it holds key material.
        System.getLogger(Server.class.getName())
            .log(System.Logger.Level.WARNING, "a part of the server did not close cleanly", e);
      }
    }
  }
}
