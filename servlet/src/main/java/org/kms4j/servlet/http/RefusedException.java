package org.kms4j.servlet.http;

import java.io.Serial;

/** The request cannot be served, and it is the caller's to mend. */
public final class RefusedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong with it. */
  public enum Kind {
    BAD_REQUEST,
    NOT_FOUND,
    /** There is no such route. */
    NO_ROUTE
  }

  private final Kind kind;

  private RefusedException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public static RefusedException badRequest(String message) {
    return new RefusedException(Kind.BAD_REQUEST, message);
  }

  public static RefusedException notFound(String message) {
    return new RefusedException(Kind.NOT_FOUND, message);
  }

  /** Without the query, which may hold what should not be repeated. */
  public static RefusedException noRoute(String method, String path) {
    return new RefusedException(
        Kind.NO_ROUTE,
        "Route %s:%s not found. Check method and path against the list of routes."
            .formatted(method, path));
  }

  public Kind kind() {
    return kind;
  }
}
