package org.kms4j.servlet.http;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What came in, before it was checked. A reader takes the parts in this order, since only the first
 * that is wrong is reported: params, body, query.
 *
 * @param pathParams the variable segments of the path
 * @param body the body
 * @param queryParams the query
 */
public record Input(ObjectNode pathParams, Body body, ObjectNode queryParams) {
  /** The variable segments of the path. */
  public Fields params() {
    return new Fields(pathParams, false);
  }

  /** The query. */
  public Fields query() {
    return new Fields(queryParams, false);
  }
}
