package org.kms4j.benchmarks;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/**
 * What the encrypt route is held against: a servlet on the same embedded Tomcat that reads the body
 * and sends it back, and does nothing else.
 *
 * <p>{@code java -cp benchmarks/target/benchmarks.jar org.kms4j.benchmarks.EchoServer PORT}
 */
public final class EchoServer {
  private EchoServer() {}

  private static final class Echo extends HttpServlet {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] body = request.getInputStream().readAllBytes();
      response.setContentType("application/json; charset=utf-8");
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  public static void main(String[] args) throws IOException, LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("echo").toString());
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(Integer.parseInt(args[0]));
    connector.setProperty("maxKeepAliveRequests", "-1");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "echo", new Echo());
    context.addServletMapping("/", "echo");
    tomcat.start();
    System.out.println("listening on http://127.0.0.1:" + connector.getLocalPort());
    tomcat.getServer().await();
  }
}
