package org.kms4j.servlet;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.audit.AuditEvent;
import org.kms4j.servlet.audit.AuditException;
import org.kms4j.servlet.audit.AuditLog;
import org.kms4j.servlet.auth.AccessTokens;
import org.kms4j.servlet.auth.AuthException;
import org.kms4j.servlet.auth.Caller;
import org.kms4j.servlet.http.Body;
import org.kms4j.servlet.http.BodySource;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Counters;
import org.kms4j.servlet.http.ErrorReply;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.Page;
import org.kms4j.servlet.http.RateLimitExceededException;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.Route;
import org.kms4j.servlet.http.UrlText;
import org.kms4j.servlet.http.ValidationException;

/**
 * The straight line of every request: find the route, know the caller, read and check what came in,
 * find the subject and ask whether the caller may, do it, record it, answer, count it. Whatever is
 * thrown on the way is answered by one table.
 *
 * <p>Threat: an anonymous client. Nothing of a body is read before the caller is known, but on
 * routes that anybody may call; everything that is read has a limit. And what leaves no trace:
 * nothing is done while the audit log takes no record, and no answer goes out before it has.
 *
 * <p>Safe for use by many threads.
 */
final class KmsServlet extends HttpServlet {
  @Serial private static final long serialVersionUID = 1L;
  private static final System.Logger LOG = System.getLogger(KmsServlet.class.getName());
  static final String CONTENT_TYPE = "application/json; charset=utf-8";

  /** A page loads from here alone, and nobody frames it; Swagger UI styles its parts in place. */
  private static final String PAGES_MAY =
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
          + " frame-ancestors 'none'";

  private static final String TRAIL = Trail.class.getName();

  /** Cut off unseen, as upstream does: "Bearer" in any letter case, and one space. */
  private static final int SCHEME_CHARS = 7;

  private final transient Routes routes;
  private final transient AccessTokens tokens;
  private final transient Gate gate;
  private final transient Cors cors;
  private final transient ClientAddress address;
  private final transient RateLimit limit;
  private final transient AuditLog audit;
  private final transient Counters counters;
  private final transient Clock clock;
  private final boolean strict;

  KmsServlet(
      Routes routes,
      AccessTokens tokens,
      Gate gate,
      Cors cors,
      ClientAddress address,
      RateLimit limit,
      AuditLog audit,
      Counters counters,
      Clock clock,
      boolean strict) {
    this.routes = routes;
    this.tokens = tokens;
    this.gate = gate;
    this.cors = cors;
    this.address = address;
    this.limit = limit;
    this.audit = audit;
    this.counters = counters;
    this.clock = clock;
    this.strict = strict;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Trail trail = trail(request);
    AnswerHead.write(response, trail.requestId());
    if (cors.answers(request, response)) {
      return;
    }
    BodySource source = source(request);
    try {
      Reply reply = reply(request, source, trail);
      byte[] body = reply.bytes();
      trail.end(audit, 200, AuditEvent.NONE);
      send(response, trail, 200, reply, body);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "request {0}: the client is gone", trail.requestId());
    } catch (Exception e) {
      fail(request, response, source, trail, e);
    }
  }

  /** What the container makes of a request that has failed before goes on with its trail. */
  private Trail trail(HttpServletRequest request) {
    return request.getDispatcherType() == DispatcherType.ERROR
            && request.getAttribute(TRAIL) instanceof Trail failed
        ? failed
        : new Trail(RequestId.draw(), clock.instant(), request.getRemoteAddr());
  }

  private Reply reply(HttpServletRequest request, BodySource source, Trail trail)
      throws GeneralSecurityException,
          RateLimitExceededException,
          RefusedException,
          ValidationException {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      throw refusedByContainer(request);
    }
    String path = request.getRequestURI().substring(request.getContextPath().length());
    Routes.Match match = routes.find(request.getMethod(), path);
    return reply(match.route(), match.pathParams(), request, source, trail);
  }

  private <I> Reply reply(
      Route<I> route,
      ObjectNode pathParams,
      HttpServletRequest request,
      BodySource source,
      Trail trail)
      throws GeneralSecurityException,
          RateLimitExceededException,
          RefusedException,
          ValidationException {
    trail.found(route, pathParams);
    if (route.audited()) {
      audit.requireWritable();
    }
    String from = address.of(request);
    trail.from(from);
    Optional<Caller> caller =
        route.guarded() ? Optional.of(authenticate(request, from)) : Optional.empty();
    trail.by(caller);
    Body body =
        route.maxBodyBytes() == Route.NO_BODY
            ? Body.none()
            : Body.read(source, route.maxBodyBytes(), strict);
    if (caller.isPresent()) {
      limit.take(caller.get().identityId());
    }
    I input = route.reader().read(new Input(pathParams, body, query(request)));
    trail.about(route.subject().projectOf(input));
    List<KeyMetadata> keys = gate.find(route.subject(), input);
    trail.about(keys);
    if (caller.isPresent()) {
      gate.admit(route.subject(), input, keys, caller.get());
    }
    Call<I> call = new Call<>(input, caller, keys, from);
    trail.handled(call);
    return route.handler().on(call);
  }

  private Caller authenticate(HttpServletRequest request, String from)
      throws AuthException, RefusedException {
    if (request.getHeader("x-api-key") != null) {
      throw RefusedException.badRequest(
          "API key authentication is not supported anymore."
              + " Please switch to identity authentication.");
    }
    String header = request.getHeader("Authorization");
    if (header == null || header.isEmpty()) {
      throw AuthException.tokenMissing();
    }
    return tokens.verify(header.substring(Math.min(SCHEME_CHARS, header.length())), from);
  }

  private static ObjectNode query(HttpServletRequest request) throws RefusedException {
    String query = request.getQueryString();
    return query == null ? JsonNodeFactory.instance.objectNode() : UrlText.query(query);
  }

  private static BodySource source(HttpServletRequest request) throws IOException {
    return new BodySource(
        request.getInputStream(),
        Optional.ofNullable(request.getContentType()),
        request.getContentLengthLong());
  }

  /**
   * What never reached a route, such as a path below WEB-INF; or a body that broke off: the
   * container then takes the answer out of the hand of who reads.
   */
  private static RefusedException refusedByContainer(HttpServletRequest request) {
    if (request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status) {
      if (status >= 500) {
        throw new IllegalStateException("the container answers " + status);
      }
      if (status == 400 || status == 408) {
        return bodyBroke();
      }
    }
    return RefusedException.noRoute(
        request.getMethod(),
        String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI)));
  }

  private static RefusedException bodyBroke() {
    return RefusedException.badRequest("The body did not arrive whole");
  }

  private void fail(
      HttpServletRequest request,
      HttpServletResponse response,
      BodySource source,
      Trail trail,
      Exception failure)
      throws IOException {
    ErrorReply found = ErrorReply.of(failure);
    if (found.ours()) {
      LOG.log(System.Logger.Level.WARNING, "request " + trail.requestId() + " failed", failure);
    }
    // A client that waits for "100 Continue" has sent nothing yet, and must not be asked to.
    boolean broken = request.getDispatcherType() == DispatcherType.ERROR;
    if (!broken && request.getHeader("Expect") == null) {
      source.discard();
    }
    if (found.retryAfter().isPresent()) {
      response.setHeader("retry-after", String.valueOf(found.retryAfter().getAsLong()));
    }
    if (!broken && request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null) {
      // The container takes this answer away, and will ask for one anew: it is to be the same.
      found = ErrorReply.of(bodyBroke());
    }
    request.setAttribute(TRAIL, trail);
    ErrorReply told = record(trail, found);
    Reply reply = json -> told.write(json, trail.requestId());
    send(response, trail, told.status(), reply, reply.bytes());
  }

  /** What may be answered: that it failed, but not how, unless that is on record. */
  private ErrorReply record(Trail trail, ErrorReply reply) {
    try {
      trail.end(audit, reply.status(), reply.error());
      return reply;
    } catch (AuditException e) {
      return ErrorReply.internal();
    }
  }

  private void send(HttpServletResponse response, Trail trail, int status, Reply reply, byte[] body)
      throws IOException {
    response.setStatus(status);
    response.setContentType(reply.contentType());
    reply.headers().forEach(response::setHeader);
    if (reply instanceof Page) {
      response.setHeader("content-security-policy", PAGES_MAY);
    }
    response.setContentLength(body.length);
    try {
      response.getOutputStream().write(body);
    } finally {
      trail.answered(counters, status);
    }
  }
}
