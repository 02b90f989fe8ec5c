package org.kms4j.servlet.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.Serial;

/** One part of a request (params, body or query) is not as it must be. */
public final class ValidationException extends Exception {
  @Serial private static final long serialVersionUID = 1L;
  private final ArrayNode issues;

  ValidationException(ArrayNode issues) {
    super(issues.size() + " issues");
    this.issues = issues;
  }

  /** All that is wrong with the part, in the shape of zod 4. */
  public ArrayNode issues() {
    return issues;
  }
}
