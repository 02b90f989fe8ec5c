package org.kms4j.servlet;

import static org.kms4j.servlet.http.Route.LARGE_BODY;
import static org.kms4j.servlet.http.Route.NO_BODY;
import static org.kms4j.servlet.http.Route.SMALL_BODY;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.kms4j.key.KeyQuery;
import org.kms4j.servlet.auth.Permission;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Route;
import org.kms4j.servlet.http.Subject;
import org.kms4j.servlet.http.UrlText;
import org.kms4j.servlet.route.EncryptionRoutes;
import org.kms4j.servlet.route.EncryptionRoutes.Message;
import org.kms4j.servlet.route.KeyChange;
import org.kms4j.servlet.route.KeyRoutes;
import org.kms4j.servlet.route.KeyRoutes.NamedKey;
import org.kms4j.servlet.route.LoginRoutes;
import org.kms4j.servlet.route.LoginRoutes.Credentials;
import org.kms4j.servlet.route.NewKey;
import org.kms4j.servlet.route.StatusRoutes;
import org.kms4j.servlet.route.StatusRoutes.Nothing;

/**
 * The API on one page.
 *
 * <p>The first entry that fits is taken, so {@code /keys/key-name/{keyName}} stands before {@code
 * /keys/{keyId}}.
 *
 * <p>Immutable.
 */
final class Routes {
  private static final String KEYS = "/api/v1/kms/keys";
  private static final String KEY = KEYS + "/{keyId}";
  private static final String UNIVERSAL_AUTH = "/api/v1/auth/universal-auth";
  private static final String TOKEN = "/api/v1/auth/token";

  /** Upstream quotes the id in some messages and not in others; scripts compare them. */
  private static final String QUOTED = "Key with ID \"%s\" not found";

  private static final String BARE = "Key with ID %s not found";

  private final List<Entry> entries;

  Routes(LoginRoutes login, KeyRoutes keys, EncryptionRoutes encryption, StatusRoutes status) {
    // method, path, body, subject, reader, handler
    this.entries =
        List.of(
            route("GET", "/api/status", NO_BODY, open(), Nothing::read, status::status),
            route(
                "POST",
                UNIVERSAL_AUTH + "/login",
                SMALL_BODY,
                open(),
                Credentials::read,
                login::logIn),
            route(
                "POST",
                TOKEN + "/renew",
                SMALL_BODY,
                open(),
                LoginRoutes::accessToken,
                login::renew),
            route(
                "POST",
                TOKEN + "/revoke",
                SMALL_BODY,
                open(),
                LoginRoutes::accessToken,
                login::revoke),
            route(
                "POST",
                KEYS,
                SMALL_BODY,
                project(Permission.CREATE, NewKey::project),
                NewKey::read,
                keys::create),
            route(
                "GET",
                KEYS,
                NO_BODY,
                project(Permission.READ, KeyQuery::project),
                KeyRoutes::query,
                keys::list),
            route(
                "GET",
                KEYS + "/key-name/{keyName}",
                NO_BODY,
                named(Permission.READ),
                NamedKey::read,
                keys::show),
            route("GET", KEY, NO_BODY, key(Permission.READ, QUOTED), KeyRoutes::keyId, keys::show),
            route(
                "PATCH",
                KEY,
                SMALL_BODY,
                key(Permission.EDIT, KeyChange::keyId, BARE),
                KeyChange::read,
                keys::change),
            route(
                "DELETE",
                KEY,
                NO_BODY,
                key(Permission.DELETE, BARE),
                KeyRoutes::keyId,
                keys::delete),
            route(
                "POST",
                KEY + "/rotate",
                NO_BODY,
                key(Permission.ROTATE, QUOTED),
                KeyRoutes::keyId,
                keys::rotate),
            route(
                "POST",
                KEY + "/encrypt",
                LARGE_BODY,
                message(Permission.ENCRYPT),
                Message::plaintext,
                encryption::encrypt),
            route(
                "POST",
                KEY + "/decrypt",
                LARGE_BODY,
                message(Permission.DECRYPT),
                Message::ciphertext,
                encryption::decrypt));
  }

  /**
   * A route that fits, and the variable segments of the path.
   *
   * @param route the route
   * @param pathParams by name
   */
  record Match(Route<?> route, ObjectNode pathParams) {}

  private record Entry(Route<?> route, List<String> segments) {}

  /**
   * The route of this method and path; HEAD is GET, and slashes at the end do not count.
   *
   * @throws RefusedException if there is none
   */
  Match find(String method, String path) throws RefusedException {
    String wanted = method.equals("HEAD") ? "GET" : method;
    List<String> segments = segments(path);
    for (Entry entry : entries) {
      if (entry.route().method().equals(wanted)) {
        Optional<ObjectNode> params = params(entry.segments(), segments);
        if (params.isPresent()) {
          return new Match(entry.route(), params.get());
        }
      }
    }
    throw RefusedException.noRoute(method, path);
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", 0));
  }

  private static Optional<ObjectNode> params(List<String> wanted, List<String> given)
      throws RefusedException {
    if (wanted.size() != given.size()) {
      return Optional.empty();
    }
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i).startsWith("{")) {
        params.put(
            wanted.get(i).substring(1, wanted.get(i).length() - 1), UrlText.segment(given.get(i)));
      } else if (!wanted.get(i).equals(given.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(params);
  }

  private static <I> Entry route(
      String method,
      String path,
      int maxBodyBytes,
      Subject<I> subject,
      Route.Reader<I> reader,
      Route.Handler<I> handler) {
    return new Entry(
        new Route<>(method, path, maxBodyBytes, subject, reader, handler), segments(path));
  }

  private static <I> Subject<I> open() {
    return new Subject.Open<>();
  }

  private static <I> Subject<I> project(Permission permission, Function<I, String> id) {
    return new Subject.Project<>(permission, id);
  }

  private static <I> Subject<I> key(Permission permission, Function<I, UUID> id, String notFound) {
    return new Subject.Key<>(permission, id, notFound);
  }

  private static Subject<UUID> key(Permission permission, String notFound) {
    return key(permission, Function.identity(), notFound);
  }

  private static Subject<Message> message(Permission permission) {
    return key(permission, Message::keyId, QUOTED);
  }

  private static Subject<NamedKey> named(Permission permission) {
    return new Subject.NamedKey<>(permission, NamedKey::project, NamedKey::name);
  }
}
