package org.kms4j.servlet.http;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * The bytes of a request's body, read once, within a limit and a time.
 *
 * <p>A body over the limit is read on and thrown away, up to {@link #MAX_DISCARD_BYTES}: a
 * connection that is cut while the client still writes shows it a broken pipe in place of the
 * answer.
 *
 * <p>Threat: a client that sends without end, or a byte a minute. Neither holds a thread longer
 * than {@link #MAX_TIME}, nor memory beyond the limit.
 *
 * <p>For use by one thread.
 */
public final class BodySource {
  static final int MAX_DISCARD_BYTES = 16 << 20;
  static final Duration MAX_TIME = Duration.ofSeconds(60);
  private static final int CHUNK_BYTES = 16 << 10;

  private final InputStream in;
  private final Optional<String> contentType;
  private final long declaredBytes;
  private final long startedAt = System.nanoTime();
  private boolean ended;

  /**
   * Reads nothing yet.
   *
   * @param contentType as the request has it
   * @param declaredBytes the declared length, or -1
   */
  public BodySource(InputStream in, Optional<String> contentType, long declaredBytes) {
    this.in = in;
    this.contentType = contentType;
    this.declaredBytes = declaredBytes;
  }

  Optional<String> contentType() {
    return contentType;
  }

  /**
   * The whole body.
   *
   * @throws RefusedException if it is larger than that, or does not arrive
   */
  byte[] read(int maxBytes) throws RefusedException {
    if (declaredBytes > maxBytes) {
      throw tooLarge(maxBytes);
    }
    try {
      byte[] bytes = new byte[declaredBytes >= 0 ? (int) declaredBytes : CHUNK_BYTES];
      int length = 0;
      int n = next(bytes, 0);
      while (n >= 0) {
        length += n;
        if (length > maxBytes) {
          throw tooLarge(maxBytes);
        }
        if (length == bytes.length) {
          if (length == declaredBytes) {
            break;
          }
          bytes = Arrays.copyOf(bytes, Math.min(2 * length, maxBytes + 1));
        }
        n = next(bytes, length);
      }
      return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    } catch (IOException e) {
      ended = true;
      throw RefusedException.badRequest("The body did not arrive whole");
    }
  }

  private static RefusedException tooLarge(int maxBytes) {
    return RefusedException.badRequest("The body is larger than " + maxBytes + " bytes");
  }

  /** Reads what is left, so that the answer reaches a client that still writes. */
  public void discard() {
    byte[] chunk = new byte[CHUNK_BYTES];
    int left = MAX_DISCARD_BYTES;
    try {
      while (!ended && left > 0) {
        left -= Math.max(next(chunk, 0), 0);
      }
    } catch (IOException e) {
      ended = true;
    }
  }

  private int next(byte[] into, int offset) throws IOException {
    if (System.nanoTime() - startedAt > MAX_TIME.toNanos()) {
      throw new IOException("the body takes too long");
    }
    int n = in.read(into, offset, into.length - offset);
    ended = n < 0;
    return n;
  }
}
