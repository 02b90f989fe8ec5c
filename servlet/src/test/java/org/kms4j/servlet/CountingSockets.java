package org.kms4j.servlet;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;

/**
 * Below the pool and the driver of PostgreSQL: counts what is sent to the database by threads that
 * answer requests. What the server's own threads send, which watch the store, is not counted. The
 * driver makes it by its name, which a URL tells as {@code socketFactory}.
 */
public final class CountingSockets extends SocketFactory {
  private static final String OWN_THREADS = "kms";
  private static final AtomicLong SENT = new AtomicLong();

  /** How often something was sent since the JVM started. */
  static long sent() {
    return SENT.get();
  }

  private static final class CountingSocket extends Socket {
    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          if (!Thread.currentThread().getName().startsWith(OWN_THREADS)) {
            SENT.incrementAndGet();
          }
          out.write(bytes, from, length);
        }
      };
    }
  }

  @Override
  public Socket createSocket() {
    return new CountingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException();
  }
}
