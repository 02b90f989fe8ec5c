package org.kms4j.servlet;

import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.modeler.Registry;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;

/**
 * One Tomcat with one servlet on every path, and nothing else: no pages, no files, no sessions, no
 * shutdown port.
 *
 * <p>It takes its address before it serves, so that a port in use is found out before anything else
 * is touched. Closing it stops taking requests, lets those under way be answered for {@link
 * #GRACE}, then ends.
 *
 * <p>Threat: slow senders ({@link #SOCKET_TIMEOUT} between two packets), and answers of Tomcat's
 * own that tell its version ({@link JsonErrors}).
 */
final class EmbeddedTomcat implements AutoCloseable {
  static final Duration GRACE = Duration.ofSeconds(10);
  static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(20);

  /** As upstream: clients pool connections and are told how long they last. */
  static final Duration KEEP_ALIVE = Duration.ofSeconds(72);

  private static final Duration POLL = Duration.ofMillis(10);
  private static final String SERVLET = "kms";

  private final Tomcat tomcat;
  private final Connector connector;
  private final Endpoint endpoint;
  private final Path work;

  private EmbeddedTomcat(Tomcat tomcat, Connector connector, Endpoint endpoint, Path work) {
    this.tomcat = tomcat;
    this.connector = connector;
    this.endpoint = endpoint;
    this.work = work;
  }

  /**
   * Where connections come in. Tomcat closes a socket that was bound before the start only at its
   * very end; till then connections are taken that nobody will answer.
   */
  private static final class Endpoint extends NioEndpoint {
    void refuseConnections() {
      try {
        doCloseServerSocket();
      } catch (IOException e) {
        System.getLogger(EmbeddedTomcat.class.getName())
            .log(System.Logger.Level.WARNING, "the server socket did not close", e);
      }
    }
  }

  /** The server could not take its address, or not begin. */
  static final class StartException extends RuntimeException {
    @java.io.Serial private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Takes the address; connections wait until {@link #start}. */
  static EmbeddedTomcat bind(String host, int port, ServerConfig.Threads threads) {
    // Nobody asks Tomcat by JMX, which is a third of the start and wakes the flight recorder.
    Registry.disableRegistry();
    Endpoint endpoint = new Endpoint();
    Http11NioProtocol protocol = new Http11NioProtocol(endpoint);
    protocol.setMaxKeepAliveRequests(-1);
    // Who asks first whether to send a body is not told to before the body is wanted.
    protocol.setContinueResponseTiming("onRead");
    protocol.setConnectionTimeout((int) SOCKET_TIMEOUT.toMillis());
    protocol.setKeepAliveTimeout((int) KEEP_ALIVE.toMillis());
    if (threads == ServerConfig.Threads.VIRTUAL) {
      protocol.setExecutor(new VirtualWorkers());
    }
    Connector connector = new Connector(protocol);
    connector.setProperty("address", host);
    connector.setPort(port);
    connector.setThrowOnFailure(true);
    Path work = newWorkFolder();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(work.toString());
    tomcat.setConnector(connector);
    tomcat.getHost().getPipeline().addValve(new JsonErrors());
    if (tomcat.getHost() instanceof StandardHost standard) {
      // Else a second valve of Tomcat's own would come after this one.
      standard.setErrorReportValveClass(JsonErrors.class.getName());
    }
    EmbeddedTomcat bound = new EmbeddedTomcat(tomcat, connector, endpoint, work);
    try {
      tomcat.init();
    } catch (LifecycleException e) {
      bound.close();
      throw new StartException("cannot listen on " + host + ":" + port + ": " + root(e), e);
    }
    return bound;
  }

  private static String root(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static Path newWorkFolder() {
    try {
      return Files.createTempDirectory("kms4j-tomcat").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder", e);
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  /** Begins to serve. */
  void start(Servlet servlet) {
    Context context = tomcat.addContext("", null);
    context.setCookies(false);
    // Said here, since Tomcat would say it with a valve that asks of each request who calls.
    context.setLoginConfig(new LoginConfig("NONE", null, null, null));
    keepQuiet(context);
    Tomcat.addServlet(context, SERVLET, servlet).addMapping("/*");
    ErrorPage error = new ErrorPage();
    error.setLocation("/error");
    context.addErrorPage(error);
    try {
      tomcat.start();
    } catch (LifecycleException e) {
      throw new StartException("cannot serve: " + root(e), e);
    }
  }

  /** Looking for leaks of a web application is in vain where the JVM ends with it. */
  private static void keepQuiet(Context context) {
    if (context instanceof StandardContext standard) {
      standard.setClearReferencesThreadLocals(false);
      standard.setClearReferencesRmiTargets(false);
    }
  }

  @Override
  public void close() {
    connector.pause();
    endpoint.refuseConnections();
    awaitIdle();
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      System.getLogger(EmbeddedTomcat.class.getName())
          .log(System.Logger.Level.WARNING, "Tomcat did not stop cleanly", e);
    }
    // The first Tomcat of a JVM names its folder there, and the next one would make it anew.
    System.getProperties().remove(Globals.CATALINA_HOME_PROP, work.toString());
    deleteWorkFolder();
  }

  private void awaitIdle() {
    long deadline = System.nanoTime() + GRACE.toNanos();
    while (active() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private int active() {
    Executor executor = connector.getProtocolHandler().getExecutor();
    if (executor instanceof VirtualWorkers workers) {
      return workers.active();
    }
    return executor instanceof ThreadPoolExecutor workers ? workers.getActiveCount() : 0;
  }

  private void deleteWorkFolder() {
    try (Stream<Path> files = Files.walk(work)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.getLogger(EmbeddedTomcat.class.getName())
          .log(System.Logger.Level.DEBUG, "the temporary folder stays", e);
    }
  }
}
