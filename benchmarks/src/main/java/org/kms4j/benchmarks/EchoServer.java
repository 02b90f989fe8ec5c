package org.kms4j.benchmarks;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import org.apache.catalina.LifecycleException;

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
    BareTomcat.serve(Integer.parseInt(args[0]), new Echo());
  }
}
