package org.kms4j.servlet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.ProviderException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import org.kms4j.servlet.errand.Errand;
import org.kms4j.servlet.errand.OpenHome;

/**
 * {@code java -jar kms4j.war}: serves a home folder until it is told to end, or runs one errand.
 *
 * <p>When it is ready it prints one line, {@code listening on http://HOST:PORT}. It ends with 2 if
 * what was asked of it is wrong, with 1 if the world is, each with one line that says what, or with
 * one a fault. SIGTERM and SIGINT let requests under way be answered.
 */
public final class Main {
  private static final int WRONG_WORLD = 1;
  private static final int WRONG_USE = 2;

  private static final String LOGGING =
      """
      handlers=java.util.logging.ConsoleHandler
      .level=WARNING
      java.util.logging.ConsoleHandler.level=WARNING
      java.util.logging.ConsoleHandler.formatter=java.util.logging.SimpleFormatter
      java.util.logging.SimpleFormatter.format=%1$tFT%1$tT.%1$tL %4$s %3$s %5$s%6$s%n
      """;

  private Main() {}

  /** Runs the server, or an errand. */
  public static void main(String... arguments) throws InterruptedException {
    setUpLogging();
    try {
      CommandLine line = CommandLine.parse(arguments);
      if (line.help()) {
        System.out.print(CommandLine.HELP);
        return;
      }
      if (line.errand().isPresent()) {
        run(line.errand().get(), line);
      } else {
        serve(line);
      }
    } catch (IllegalArgumentException e) {
      end(WRONG_USE, e);
    } catch (ProviderException | UncheckedIOException | EmbeddedTomcat.StartException e) {
      end(WRONG_WORLD, e);
    }
  }

  private static void run(Errand errand, CommandLine line) {
    Path home = HomeFolder.find(line.home());
    errand.run(
        () -> {
          if (errand.makesHome()) {
            HomeFolder.create(home);
          }
          return OpenHome.open(home, line.settings());
        },
        System.out);
  }

  private static void serve(CommandLine line) throws InterruptedException {
    Path home = HomeFolder.find(line.home());
    EmbeddedServer server = EmbeddedServer.start(home, line.settings());
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "kms-shutdown"));
    if (server.firstStart()) {
      System.out.print(FirstSteps.text(home, server.url()));
    }
    System.out.println("listening on " + server.url());
    // Serving is the business of daemon threads: this one keeps the JVM, until a signal ends it.
    new CountDownLatch(1).await();
  }

  private static void end(int status, Exception e) {
    System.err.println("kms4j: " + e.getMessage());
    System.exit(status);
  }

  private static void setUpLogging() {
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(LOGGING.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw new AssertionError("it is in memory", e);
    }
  }
}
