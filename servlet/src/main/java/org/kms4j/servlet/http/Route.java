package org.kms4j.servlet.http;

import java.security.GeneralSecurityException;

/**
 * One entry of the API.
 *
 * @param method the HTTP method
 * @param path segments, the variable ones in braces
 * @param maxBodyBytes the largest body that is read; {@link #NO_BODY} to ignore any
 * @param subject what it is about, and so who may call
 * @param reader checks what came in
 * @param handler does it
 * @param <I> what the reader hands to the handler
 */
public record Route<I>(
    String method,
    String path,
    int maxBodyBytes,
    Subject<I> subject,
    Reader<I> reader,
    Handler<I> handler) {
  public static final int NO_BODY = 0;
  public static final int SMALL_BODY = 1 << 20;
  public static final int LARGE_BODY = 2 << 20;

  /** Turns what came in into what the handler wants, or refuses it. */
  @FunctionalInterface
  public interface Reader<I> {
    I read(Input input) throws ValidationException, RefusedException;
  }

  /** Does what the route is for. */
  @FunctionalInterface
  public interface Handler<I> {
    Reply on(Call<I> call) throws GeneralSecurityException, RefusedException;
  }

  /** Whether a caller must show who they are. */
  public boolean guarded() {
    return !(subject instanceof Subject.Open<I>);
  }

  /** Whether it leaves a record: all do, but what anybody may read and who asks tells nothing. */
  public boolean audited() {
    return guarded() || !method.equals("GET");
  }

  /** The route's name: method and path, as it stands in the API. */
  public String name() {
    return method + " " + path;
  }
}
