package org.kms4j.servlet;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * The server by itself: a home folder, served over HTTP until it is closed.
 *
 * <p>Closing it answers the requests that are under way, then wipes all key material from memory.
 */
public final class EmbeddedServer implements AutoCloseable {
  private final EmbeddedTomcat tomcat;
  private final Server server;
  private final String url;

  private EmbeddedServer(EmbeddedTomcat tomcat, Server server, String url) {
    this.tomcat = tomcat;
    this.server = server;
    this.url = url;
  }

  /**
   * Opens the home folder, making what is missing, and serves it.
   *
   * @param own settings ({@code kms.http.port} …) that win over those found elsewhere
   * @throws IllegalArgumentException if a setting is wrong; the message names it
   */
  public static EmbeddedServer start(Path home, Map<String, String> own) {
    return start(home, own, Clock.systemUTC());
  }

  static EmbeddedServer start(Path home, Map<String, String> own, Clock clock) {
    HomeFolder.create(home);
    ServerConfig config = ServerConfig.load(home, own);
    EmbeddedTomcat tomcat = EmbeddedTomcat.bind(config.host(), config.port(), config.threads());
    String url = config.url(tomcat.port());
    Server server = null;
    try {
      server = Server.open(config, url, clock);
      tomcat.start(server.servlet());
      return new EmbeddedServer(tomcat, server, url);
    } catch (RuntimeException e) {
      tomcat.close();
      if (server != null) {
        server.close();
      }
      throw e;
    }
  }

  /** Where it serves: {@code http://HOST:PORT}. */
  public String url() {
    return url;
  }

  /** Whether this start has made the installation. */
  public boolean firstStart() {
    return server.firstStart();
  }

  /** What stands behind it, for tests. */
  Server server() {
    return server;
  }

  @Override
  public void close() {
    tomcat.close();
    server.close();
  }
}
