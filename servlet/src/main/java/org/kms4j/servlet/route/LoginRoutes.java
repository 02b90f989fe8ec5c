package org.kms4j.servlet.route;

import org.kms4j.servlet.auth.AccessTokens;
import org.kms4j.servlet.auth.AuthException;
import org.kms4j.servlet.auth.UniversalAuth;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.UuidText;
import org.kms4j.servlet.http.ValidationException;

/**
 * Access tokens: log in, renew, revoke.
 *
 * <p>Safe for use by many threads.
 */
public final class LoginRoutes {
  private final UniversalAuth universalAuth;
  private final AccessTokens tokens;

  public LoginRoutes(UniversalAuth universalAuth, AccessTokens tokens) {
    this.universalAuth = universalAuth;
    this.tokens = tokens;
  }

  /** What a machine identity logs in with. */
  public static final class Credentials {
    private final String clientId;
    private final String clientSecret;

    private Credentials(String clientId, String clientSecret) {
      this.clientId = clientId;
      this.clientSecret = clientSecret;
    }

    /** Reads the body of a login. */
    public static Credentials read(Input input) throws ValidationException, RefusedException {
      Fields body = input.body().fields();
      String clientId = body.trimmed("clientId");
      String clientSecret = body.trimmed("clientSecret");
      // There are no organisations below the one, so there is none to choose.
      body.trimmedOrEmpty("subOrganizationName");
      body.end();
      return new Credentials(clientId, clientSecret);
    }
  }

  /** Reads the body of a renewal or a revocation: the token. */
  public static String accessToken(Input input) throws ValidationException, RefusedException {
    Fields body = input.body().fields();
    String token = body.trimmed("accessToken");
    body.end();
    return token;
  }

  /** A token for a client id and secret. */
  public Reply logIn(Call<Credentials> call) throws AuthException {
    Credentials given = call.input();
    UuidText.find(given.clientId).ifPresent(client -> call.note("clientId", client));
    return grant(call, universalAuth.login(given.clientId, given.clientSecret, call.from()));
  }

  /** A new token for one that still lives. */
  public Reply renew(Call<String> call) throws AuthException {
    return grant(call, tokens.renew(call.input(), call.from()));
  }

  /** Ends a token. */
  public Reply revoke(Call<String> call) throws AuthException {
    call.note("identityId", tokens.revoke(call.input()));
    return json -> {
      json.writeStartObject();
      json.writeStringField("message", "Successfully revoked access token");
      json.writeEndObject();
    };
  }

  private static Reply grant(Call<?> call, AccessTokens.Grant grant) {
    call.note("identityId", grant.identity());
    return json -> {
      json.writeStartObject();
      json.writeStringField("accessToken", grant.accessToken());
      json.writeNumberField("expiresIn", grant.lifetime().ttl());
      json.writeNumberField("accessTokenMaxTTL", grant.lifetime().maxTtl());
      json.writeStringField("tokenType", "Bearer");
      json.writeEndObject();
    };
  }
}
