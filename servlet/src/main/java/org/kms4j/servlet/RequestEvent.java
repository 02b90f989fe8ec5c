package org.kms4j.servlet;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * A request was answered. Only the slow ones, unless a recording says otherwise: this is the one
 * event on the path of a key that is in use.
 */
@Name("org.kms4j.Request")
@Label("Request")
@Description("A request was answered")
@Category({"kms4j", "Requests"})
@StackTrace(false)
@Threshold("20 ms")
final class RequestEvent extends Event implements RequestTiming {
  @Label("Request Id")
  @Description("The reqId of the answer")
  @Nullable String requestId;

  @Label("Route")
  @Description("Method and path of the API, its variable segments in braces; - where none fits")
  @Nullable String route;

  @Label("Status")
  @Description("The status of the answer")
  int status;

  static RequestTiming begun() {
    RequestEvent event = new RequestEvent();
    if (!event.isEnabled()) {
      return NONE;
    }
    event.begin();
    return event;
  }

  @Override
  public void done(String answeredAs, String matched, int answeredWith) {
    end();
    if (shouldCommit()) {
      requestId = answeredAs;
      route = matched;
      status = answeredWith;
      commit();
    }
  }
}
