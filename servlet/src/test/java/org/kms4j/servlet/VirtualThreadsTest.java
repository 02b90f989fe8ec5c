package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The server on virtual threads. */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with JDK 21")
@Timeout(60)
class VirtualThreadsTest {
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  /** Answers with the name of its thread, once it is let go. */
  private static final class Held extends HttpServlet {
    @Serial private static final long serialVersionUID = 1L;
    private final transient CountDownLatch arrived = new CountDownLatch(1);
    private final transient CountDownLatch go = new CountDownLatch(1);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      arrived.countDown();
      try {
        if (!go.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("nobody let it go");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      response.getWriter().print(Thread.currentThread());
    }
  }

  @Test
  void serveARequestThatIsUnderWayWhenTheServerEnds() throws Exception {
    Held servlet = new Held();
    EmbeddedTomcat tomcat = EmbeddedTomcat.bind("127.0.0.1", 0, ServerConfig.Threads.VIRTUAL);
    tomcat.start(servlet);
    int port = tomcat.port();
    CompletableFuture<HttpResponse<String>> answer =
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port)).build(),
                HttpResponse.BodyHandlers.ofString());
    servlet.arrived.await();

    CompletableFuture<Void> ended = CompletableFuture.runAsync(tomcat::close);
    while (accepts(port)) {
      Thread.onSpinWait();
    }
    servlet.go.countDown();

    assertEquals(200, answer.get().statusCode());
    assertTrue(answer.get().body().startsWith("VirtualThread["), answer.get().body());
    ended.get();
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void encryptAndDecrypt(@TempDir Path home) throws Exception {
    Map<String, String> settings = Map.of("kms.http.port", "0", "kms.http.threads", "virtual");
    try (EmbeddedServer server = EmbeddedServer.start(home, settings)) {
      ApiClient admin = ApiClient.admin(server.url(), home);
      String keyId = admin.createKey("a", "aes-256-gcm");

      assertArrayEquals(TEXT, admin.open(keyId, admin.seal(keyId, TEXT)));
    }
  }
}
