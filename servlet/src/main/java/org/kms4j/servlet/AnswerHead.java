package org.kms4j.servlet;

import jakarta.servlet.http.HttpServletResponse;

/**
 * What stands before every answer, whoever gives it: the servlet, its list of origins, or Tomcat
 * for a request that reached neither.
 *
 * <p>Threat: an answer that a cache keeps for the next caller, or that a browser takes for another
 * type than it has.
 */
final class AnswerHead {
  private AnswerHead() {}

  static void write(HttpServletResponse response, String requestId) {
    response.setHeader("x-request-id", requestId);
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
  }
}
