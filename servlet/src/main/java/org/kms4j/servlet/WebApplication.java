package org.kms4j.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The WAR in a container: opens the home folder as it is deployed, closes it as it is taken away.
 *
 * <p>The one servlet is mapped on every path, so the container's own servlets for files and pages
 * never see a request: nothing that is in the WAR is served.
 */
public final class WebApplication implements ServletContextListener {
  private static final System.Logger LOG = System.getLogger(WebApplication.class.getName());

  private @Nullable Server server;

  /** For the container. */
  public WebApplication() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    try {
      open(event.getServletContext());
    } catch (RuntimeException e) {
      // Containers hide the cause in a log of their own, or leave it out.
      LOG.log(System.Logger.Level.ERROR, "kms4j does not start: {0}", e.getMessage());
      throw e;
    }
  }

  private void open(ServletContext context) {
    Path home = HomeFolder.find(Optional.ofNullable(context.getInitParameter("kms.home")));
    HomeFolder.create(home);
    ServerConfig config = ServerConfig.load(home, Map.of());
    String url = config.url(config.port()) + context.getContextPath();
    Server opened = Server.open(config, url, Clock.systemUTC());
    this.server = opened;
    ServletRegistration.Dynamic registration = context.addServlet("kms", opened.servlet());
    registration.setLoadOnStartup(1);
    registration.addMapping("/*");
    if (opened.firstStart()) {
      LOG.log(
          System.Logger.Level.INFO,
          "first start: how to log in is in {0}",
          config.keyring().home().resolve(Bootstrap.FILE));
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (server != null) {
      server.close();
    }
    deregisterDrivers();
  }

  /** A driver that stays registered keeps this class loader, and all it has loaded, for ever. */
  private static void deregisterDrivers() {
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      if (driver.getClass().getClassLoader() == WebApplication.class.getClassLoader()) {
        try {
          DriverManager.deregisterDriver(driver);
        } catch (SQLException e) {
          LOG.log(System.Logger.Level.WARNING, "a JDBC driver stays registered", e);
        }
      }
    }
  }
}
