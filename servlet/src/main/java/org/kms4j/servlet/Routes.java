package org.kms4j.servlet;

import static org.kms4j.servlet.auth.Duty.CREATE_IDENTITY;
import static org.kms4j.servlet.auth.Duty.CREATE_PROJECT;
import static org.kms4j.servlet.auth.Duty.EDIT_IDENTITY;
import static org.kms4j.servlet.auth.Duty.READ_METRICS;
import static org.kms4j.servlet.auth.Permission.CREATE;
import static org.kms4j.servlet.auth.Permission.DECRYPT;
import static org.kms4j.servlet.auth.Permission.DELETE;
import static org.kms4j.servlet.auth.Permission.EDIT;
import static org.kms4j.servlet.auth.Permission.ENCRYPT;
import static org.kms4j.servlet.auth.Permission.EXPORT_PRIVATE_KEY;
import static org.kms4j.servlet.auth.Permission.GENERATE_MAC;
import static org.kms4j.servlet.auth.Permission.READ;
import static org.kms4j.servlet.auth.Permission.ROTATE;
import static org.kms4j.servlet.auth.Permission.SIGN;
import static org.kms4j.servlet.auth.Permission.VERIFY;
import static org.kms4j.servlet.auth.Permission.VERIFY_MAC;
import static org.kms4j.servlet.http.Route.LARGE_BODY;
import static org.kms4j.servlet.http.Route.NO_BODY;
import static org.kms4j.servlet.http.Route.SMALL_BODY;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.kms4j.key.KeyQuery;
import org.kms4j.servlet.auth.Duty;
import org.kms4j.servlet.auth.Permission;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Route;
import org.kms4j.servlet.http.Subject;
import org.kms4j.servlet.http.UrlText;
import org.kms4j.servlet.route.DocsRoutes;
import org.kms4j.servlet.route.EncryptionRoutes;
import org.kms4j.servlet.route.EncryptionRoutes.Message;
import org.kms4j.servlet.route.IdentityRoutes;
import org.kms4j.servlet.route.IdentityRoutes.NewIdentity;
import org.kms4j.servlet.route.IdentityRoutes.NewUniversalAuth;
import org.kms4j.servlet.route.IdentityRoutes.SecretName;
import org.kms4j.servlet.route.IdentityRoutes.SecretOrder;
import org.kms4j.servlet.route.KeyChange;
import org.kms4j.servlet.route.KeyImport;
import org.kms4j.servlet.route.KeyRoutes;
import org.kms4j.servlet.route.KeyRoutes.NamedKey;
import org.kms4j.servlet.route.LoginRoutes;
import org.kms4j.servlet.route.LoginRoutes.Credentials;
import org.kms4j.servlet.route.MacRoutes;
import org.kms4j.servlet.route.MetricsRoutes;
import org.kms4j.servlet.route.NewKey;
import org.kms4j.servlet.route.ProjectRoutes;
import org.kms4j.servlet.route.ProjectRoutes.Membership;
import org.kms4j.servlet.route.ProjectRoutes.NewProject;
import org.kms4j.servlet.route.SigningRoutes;
import org.kms4j.servlet.route.StatusRoutes;
import org.kms4j.servlet.route.StatusRoutes.Nothing;
import org.kms4j.servlet.route.TransferRoutes;

/**
 * The API on one page.
 *
 * <p>The first entry that fits is taken, so {@code /keys/key-name/{keyName}} stands before {@code
 * /keys/{keyId}}.
 *
 * <p>Immutable.
 */
final class Routes {
  private static final String DOCS = "/api/docs";
  private static final String METRICS = "/api/metrics";
  private static final String LOGIN = "/api/v1/auth/universal-auth/login";
  private static final String RENEW = "/api/v1/auth/token/renew";
  private static final String REVOKE = "/api/v1/auth/token/revoke";
  private static final String IDENTITIES = "/api/v1/identities";
  private static final String UNIVERSAL = "/api/v1/auth/universal-auth/identities/{identityId}";
  private static final String SECRETS = UNIVERSAL + "/client-secrets";
  private static final String PROJECTS = "/api/v1/projects";
  private static final String WORKSPACES = "/api/v2/workspace";
  private static final String MEMBER = "/{projectId}/identity-memberships/{identityId}";
  private static final String KEYS = "/api/v1/kms/keys";
  private static final String NAMED_KEY = KEYS + "/key-name/{keyName}";
  private static final String KEY = KEYS + "/{keyId}";
  private static final String BULK_IMPORT = KEYS + "/bulk-import";
  private static final String BULK_EXPORT = KEYS + "/bulk-export-private-keys";
  private static final String ENCRYPT_PATH = KEY + "/encrypt";
  private static final String DECRYPT_PATH = KEY + "/decrypt";

  /** Upstream quotes the id in some messages and not in others; scripts compare them. */
  private static final String QUOTED = "Key with ID \"%s\" not found";

  private static final String BARE = "Key with ID %s not found";

  private final List<Entry> entries;

  /** Each entry: path, largest body, subject and permission, reader, handler. */
  Routes(
      LoginRoutes login,
      IdentityRoutes identities,
      ProjectRoutes projects,
      KeyRoutes keys,
      EncryptionRoutes crypto,
      SigningRoutes signing,
      MacRoutes macs,
      TransferRoutes transfer,
      StatusRoutes status,
      Optional<DocsRoutes> docs,
      Optional<MetricsRoutes> metrics) {
    List<Entry> all = new ArrayList<>(docs.map(Routes::docs).orElse(List.of()));
    metrics.ifPresent(
        shown -> all.add(get(METRICS, duty(READ_METRICS), Nothing::read, shown::show)));
    all.addAll(
        List.of(
            get("/api/status", open(), Nothing::read, status::status),
            post(LOGIN, SMALL_BODY, open(), Credentials::read, login::logIn),
            post(RENEW, SMALL_BODY, open(), LoginRoutes::accessToken, login::renew),
            post(REVOKE, SMALL_BODY, open(), LoginRoutes::accessToken, login::revoke),
            post(
                IDENTITIES,
                SMALL_BODY,
                duty(CREATE_IDENTITY),
                NewIdentity::read,
                identities::create),
            post(
                UNIVERSAL,
                SMALL_BODY,
                duty(EDIT_IDENTITY),
                NewUniversalAuth::read,
                identities::enable),
            post(
                SECRETS, SMALL_BODY, duty(EDIT_IDENTITY), SecretOrder::read, identities::addSecret),
            post(
                SECRETS + "/{clientSecretId}/revoke",
                NO_BODY,
                duty(EDIT_IDENTITY),
                SecretName::read,
                identities::revokeSecret),
            post(PROJECTS, SMALL_BODY, duty(CREATE_PROJECT), NewProject::read, projects::create),
            post(WORKSPACES, SMALL_BODY, duty(CREATE_PROJECT), NewProject::read, projects::create),
            post(PROJECTS + MEMBER, SMALL_BODY, members(), Membership::read, projects::setRole),
            post(WORKSPACES + MEMBER, SMALL_BODY, members(), Membership::read, projects::setRole),
            post(KEYS, SMALL_BODY, project(CREATE, NewKey::project), NewKey::read, keys::create),
            get(KEYS, project(READ, KeyQuery::project), KeyRoutes::query, keys::list),
            get(NAMED_KEY, named(READ), NamedKey::read, keys::show),
            get(KEY, key(READ, QUOTED), KeyRoutes::keyId, keys::show),
            patch(KEY, SMALL_BODY, change(EDIT, BARE), KeyChange::read, keys::change),
            delete(KEY, key(DELETE, BARE), KeyRoutes::keyId, keys::delete),
            get(
                KEY + "/private-key",
                key(EXPORT_PRIVATE_KEY, QUOTED),
                KeyRoutes::keyId,
                transfer::exportOne),
            post(
                BULK_IMPORT,
                SMALL_BODY,
                project(CREATE, KeyImport::project),
                KeyImport::read,
                transfer::importMany),
            post(BULK_EXPORT, SMALL_BODY, exported(), TransferRoutes::keyIds, transfer::exportMany),
            post(KEY + "/rotate", NO_BODY, key(ROTATE, QUOTED), KeyRoutes::keyId, keys::rotate),
            post(ENCRYPT_PATH, LARGE_BODY, message(ENCRYPT), Message::plaintext, crypto::encrypt),
            post(
                DECRYPT_PATH, LARGE_BODY, message(DECRYPT), Message::ciphertext, crypto::decrypt)));
    all.addAll(signatures(signing));
    all.addAll(macs(macs));
    this.entries = List.copyOf(all);
  }

  private static List<Entry> signatures(SigningRoutes signing) {
    return List.of(
        get(KEY + "/public-key", key(READ, QUOTED), KeyRoutes::keyId, signing::publicKey),
        get(KEY + "/signing-algorithms", key(READ, QUOTED), KeyRoutes::keyId, signing::algorithms),
        post(
            KEY + "/sign",
            LARGE_BODY,
            key(SIGN, SigningRoutes.Order::keyId, QUOTED),
            SigningRoutes.Order::toSign,
            signing::sign),
        post(
            KEY + "/verify",
            LARGE_BODY,
            key(VERIFY, SigningRoutes.Order::keyId, QUOTED),
            SigningRoutes.Order::toVerify,
            signing::verify));
  }

  private static List<Entry> macs(MacRoutes macs) {
    return List.of(
        post(
            KEY + "/generate-mac",
            LARGE_BODY,
            key(GENERATE_MAC, MacRoutes.Order::keyId, QUOTED),
            MacRoutes.Order::toGenerate,
            macs::generate),
        post(
            KEY + "/verify-mac",
            LARGE_BODY,
            key(VERIFY_MAC, MacRoutes.Order::keyId, QUOTED),
            MacRoutes.Order::toVerify,
            macs::verify));
  }

  private static List<Entry> docs(DocsRoutes docs) {
    return List.of(
        get(DOCS + "/json", open(), Nothing::read, docs::document),
        get(DOCS, open(), Nothing::read, docs::page),
        get(DOCS + "/{file}", open(), DocsRoutes::file, docs::part));
  }

  /**
   * A route that fits, and the variable segments of the path.
   *
   * @param route the route
   * @param pathParams by name
   */
  record Match(Route<?> route, ObjectNode pathParams) {}

  private record Entry(Route<?> route, List<String> segments) {}

  /** All of them, in the order in which they are tried. */
  List<Route<?>> all() {
    return entries.stream().<Route<?>>map(Entry::route).toList();
  }

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

  private static <I> Entry get(
      String path, Subject<I> subject, Route.Reader<I> reader, Route.Handler<I> handler) {
    return route("GET", path, NO_BODY, subject, reader, handler);
  }

  private static <I> Entry delete(
      String path, Subject<I> subject, Route.Reader<I> reader, Route.Handler<I> handler) {
    return route("DELETE", path, NO_BODY, subject, reader, handler);
  }

  private static <I> Entry post(
      String path,
      int maxBodyBytes,
      Subject<I> subject,
      Route.Reader<I> reader,
      Route.Handler<I> handler) {
    return route("POST", path, maxBodyBytes, subject, reader, handler);
  }

  private static <I> Entry patch(
      String path,
      int maxBodyBytes,
      Subject<I> subject,
      Route.Reader<I> reader,
      Route.Handler<I> handler) {
    return route("PATCH", path, maxBodyBytes, subject, reader, handler);
  }

  private static <I> Subject<I> open() {
    return new Subject.Open<>();
  }

  private static <I> Subject<I> duty(Duty duty) {
    return new Subject.Organisation<>(duty);
  }

  private static Subject<Membership> members() {
    return new Subject.Members<>(Membership::project);
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

  private static Subject<KeyChange> change(Permission permission, String notFound) {
    return key(permission, KeyChange::keyId, notFound);
  }

  private static Subject<List<UUID>> exported() {
    return new Subject.Keys<>(EXPORT_PRIVATE_KEY, Function.identity(), QUOTED);
  }

  private static Subject<Message> message(Permission permission) {
    return key(permission, Message::keyId, QUOTED);
  }

  private static Subject<NamedKey> named(Permission permission) {
    return new Subject.NamedKey<>(permission, NamedKey::project, NamedKey::name);
  }
}
