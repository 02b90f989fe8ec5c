package org.kms4j.benchmarks;

import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** An embedded Tomcat with one servlet on every path, its connector set as that of kms4j. */
final class BareTomcat {
  private BareTomcat() {}

  /** Serves until the process ends; port 0 takes a free one. */
  static void serve(int port, HttpServlet servlet) throws IOException, LifecycleException {
    Tomcat tomcat = new Tomcat();
    Path work = Files.createTempDirectory("bare");
    tomcat.setBaseDir(work.toString());
    Connector connector = new Connector();
    connector.setPort(port);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("continueResponseTiming", "onRead");
    connector.setProperty("connectionTimeout", "20000");
    connector.setProperty("keepAliveTimeout", "72000");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    context.setCookies(false);
    Tomcat.addServlet(context, "bare", servlet).addMapping("/*");
    tomcat.start();
    System.out.println("listening on http://127.0.0.1:" + connector.getLocalPort());
    try (Stream<Path> made = Files.walk(work)) {
      // What was named last is deleted first.
      made.forEach(path -> path.toFile().deleteOnExit());
    }
    tomcat.getServer().await();
  }
}
