package org.kms4j.servlet.route;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyUsage;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.Revocation;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * Keys: create, show, list, change, rotate, delete.
 *
 * <p>Safe for use by many threads.
 */
public final class KeyRoutes {
  /** How long a client waits for the other servers; many give up at ten seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  static final int MAX_DESCRIPTION_CHARS = 500;
  static final int MAX_PROJECT_CHARS = 255;
  private static final int MAX_PAGE = 100;

  private final Keyring keyring;
  private final Provider provider;

  public KeyRoutes(Keyring keyring, Provider provider) {
    this.keyring = keyring;
    this.provider = provider;
  }

  /**
   * A key by its name.
   *
   * @param project where
   * @param name which
   */
  public record NamedKey(String project, String name) {
    /** Reads {@code {keyName}} and {@code projectId}. */
    public static NamedKey read(Input input) throws ValidationException {
      Fields params = input.params();
      String name = params.slug("keyName", "Key name");
      params.end();
      Fields query = input.query();
      String project = query.text("projectId", "Project ID is required");
      query.end();
      return new NamedKey(project, name);
    }
  }

  /** Reads {@code {keyId}}. */
  public static UUID keyId(Input input) throws ValidationException {
    Fields params = input.params();
    UUID keyId = params.uuid("keyId");
    params.end();
    return keyId;
  }

  /** Reads the query of a list. */
  public static KeyQuery query(Input input) throws ValidationException {
    Fields query = input.query();
    String project = query.text("projectId");
    int offset = query.number("offset", 0, 0, Integer.MAX_VALUE);
    int limit = query.number("limit", MAX_PAGE, 1, MAX_PAGE);
    query.optionalChoice("orderBy", List.of("name"));
    boolean descending =
        query
            .optionalChoice("orderDirection", List.of("asc", "desc"))
            .filter("desc"::equals)
            .isPresent();
    String search = query.trimmedOrEmpty("search");
    query.end();
    return new KeyQuery(project, search, descending, offset, limit);
  }

  /** Makes a key. */
  public Reply create(Call<NewKey> call) throws GeneralSecurityException, RefusedException {
    requireComputable(call.input().spec().algorithm());
    return key(call, call.made(keyring.create(call.input().spec())));
  }

  /** The provider offers ML-DSA only where somebody computes it. */
  private void requireComputable(KeyAlgorithm algorithm) throws RefusedException {
    String name = algorithm.standardName();
    if (name.equals("ML-DSA") && provider.getService("Signature", name) == null) {
      throw RefusedException.badRequest(
          algorithm.text()
              + " is not available here: it needs JDK 24 or newer, or Bouncy Castle (bcprov)");
    }
  }

  /** Shows the key, found by whatever names it. */
  public Reply show(Call<?> call) {
    return key(call, call.key());
  }

  /** Lists the keys of a project by name. */
  public Reply list(Call<KeyQuery> call) {
    KeyPage page = keyring.list(call.input());
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("keys");
      for (KeyMetadata key : page.keys()) {
        KeyJson.write(json, key, call.caller().organisationId());
      }
      json.writeEndArray();
      json.writeNumberField("totalCount", page.total());
      json.writeEndObject();
    };
  }

  /** Changes name, description or state; an empty change leaves the key as it is. */
  public Reply change(Call<KeyChange> call) throws GeneralSecurityException {
    KeyChange change = call.input();
    if (change.isEmpty()) {
      return key(call, call.key());
    }
    Revocation done = keyring.update(change.keyId(), change::apply, PATIENCE);
    return done.key().enabled() ? key(call, done.key()) : revoked(call, done);
  }

  /** Gives the key a new version. */
  public Reply rotate(Call<UUID> call) throws GeneralSecurityException, RefusedException {
    if (call.key().usage() != KeyUsage.ENCRYPT_DECRYPT) {
      throw RefusedException.badRequest(
          "Only encrypt-decrypt keys support rotation. To rotate a sign-verify or MAC key, create a"
              + " new key and update your applications to use it.");
    }
    Revocation done = keyring.rotate(call.input(), PATIENCE);
    call.made(done.key());
    return revoked(call, done);
  }

  /** Deletes the key, for good. */
  public Reply delete(Call<UUID> call) throws GeneralSecurityException {
    return revoked(call, keyring.delete(call.input(), PATIENCE));
  }

  private static Reply revoked(Call<?> call, Revocation done) {
    return new RevocationReply(key(call, done.key()), done.confirmed());
  }

  private static Reply key(Call<?> call, KeyMetadata key) {
    return json -> {
      json.writeStartObject();
      json.writeFieldName("key");
      KeyJson.write(json, key, call.caller().organisationId());
      json.writeEndObject();
    };
  }
}
