package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.kms4j.servlet.auth.Administration;
import org.kms4j.servlet.auth.Administration.Made;
import org.kms4j.servlet.auth.Administration.NewSecret;
import org.kms4j.servlet.auth.Administration.SecretData;
import org.kms4j.servlet.auth.AuthException;
import org.kms4j.servlet.auth.Network;
import org.kms4j.servlet.auth.Networks;
import org.kms4j.servlet.auth.OrganisationRole;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;
import org.kms4j.servlet.auth.TokenTerms;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/** Machine identities and what they log in with. Safe for use by many threads. */
public final class IdentityRoutes {
  private static final int MAX_NAME_CHARS = 255;
  private static final int MAX_NETWORKS = 100;

  private final Administration administration;

  public IdentityRoutes(Administration administration) {
    this.administration = administration;
  }

  /** An identity that somebody asks for. */
  public record NewIdentity(String name, String organisation, OrganisationRole role) {
    /** Reads the body. */
    public static NewIdentity read(Input input) throws ValidationException, RefusedException {
      Fields body = input.body().fields();
      String name = body.text("name", "name must not be empty").strip();
      body.prose("name", MAX_NAME_CHARS);
      String organisation = body.trimmed("organizationId");
      String role = body.optionalChoice("role", OrganisationRole.TEXTS).orElse("no-access");
      body.end();
      return new NewIdentity(name, organisation, OrganisationRole.of(role));
    }
  }

  /** How an identity shall log in. */
  public record NewUniversalAuth(UUID identity, TokenTerms terms) {
    /** Reads params and body. */
    public static NewUniversalAuth read(Input input) throws ValidationException, RefusedException {
      UUID identity = identityId(input);
      int longest = (int) TokenLifetime.LONGEST.toSeconds();
      int usual = (int) TokenLifetime.USUAL.toSeconds();
      Fields body = input.body().fields();
      int maxTtl = body.amount("accessTokenMaxTTL", usual, 0, longest);
      int absent = maxTtl == 0 ? usual : Math.min(maxTtl, usual);
      int ttl = body.amount("accessTokenTTL", absent, 0, longest);
      int uses = body.amount("accessTokenNumUsesLimit", 0, 0, Integer.MAX_VALUE);
      List<String> loginFrom = networks(body, "clientSecretTrustedIps");
      List<String> tokenFrom = networks(body, "accessTokenTrustedIps");
      if (body.good() && maxTtl > 0 && ttl > maxTtl) {
        body.refuse("accessTokenTTL cannot be greater than accessTokenMaxTTL");
      }
      body.end();
      return new NewUniversalAuth(
          identity,
          new TokenTerms(
              new TokenLifetime(ttl, maxTtl), uses, networks(loginFrom), networks(tokenFrom)));
    }

    private static List<String> networks(Fields body, String name) {
      return body.has(name)
          ? body.objects(name, 1, MAX_NETWORKS, network -> network.text("ipAddress"))
          : List.of();
    }

    private static Networks networks(List<String> texts) throws RefusedException {
      if (texts.isEmpty()) {
        return Networks.ANYWHERE;
      }
      return Networks.parse(texts)
          .orElseThrow(
              () -> RefusedException.badRequest("The IP is not a valid IPv4, IPv6, or CIDR block"));
    }
  }

  /** A client secret that somebody asks for. */
  public record SecretOrder(UUID identity, SecretLimits limits, String description) {
    /** Reads params and body. */
    public static SecretOrder read(Input input) throws ValidationException, RefusedException {
      UUID identity = identityId(input);
      Fields body = input.body().fields();
      String description = body.prose("description", KeyRoutes.MAX_DESCRIPTION_CHARS).orElse("");
      int ttl = body.amount("ttl", 0, 0, 315_360_000);
      int uses = body.amount("numUsesLimit", 0, 0, Integer.MAX_VALUE);
      body.end();
      return new SecretOrder(identity, new SecretLimits(ttl, uses), description);
    }
  }

  /** A client secret of an identity. */
  public record SecretName(UUID identity, UUID secret) {
    /** Reads params. */
    public static SecretName read(Input input) throws ValidationException {
      Fields params = input.params();
      UUID identity = params.uuid("identityId");
      UUID secret = params.uuid("clientSecretId");
      params.end();
      return new SecretName(identity, secret);
    }
  }

  private static UUID identityId(Input input) throws ValidationException {
    Fields params = input.params();
    UUID identity = params.uuid("identityId");
    params.end();
    return identity;
  }

  /** Makes an identity. */
  public Reply create(Call<NewIdentity> call) throws RefusedException {
    NewIdentity wanted = call.input();
    if (!wanted.organisation().equals(call.caller().organisationId().toString())) {
      throw RefusedException.notFound(
          "Organization with ID " + wanted.organisation() + " not found");
    }
    Made made = administration.createIdentity(wanted.name(), wanted.role());
    call.note("identityId", made.id());
    return json -> {
      json.writeStartObject();
      json.writeObjectFieldStart("identity");
      json.writeStringField("id", made.id().toString());
      json.writeStringField("name", wanted.name());
      json.writeNullField("authMethod");
      dates(json, made);
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  /** Lets an identity log in by client id and secret. */
  public Reply enable(Call<NewUniversalAuth> call) throws AuthException {
    NewUniversalAuth wanted = call.input();
    Made made = administration.enableUniversalAuth(wanted.identity(), wanted.terms());
    TokenTerms terms = wanted.terms();
    return json -> {
      json.writeStartObject();
      json.writeObjectFieldStart("identityUniversalAuth");
      json.writeStringField("id", wanted.identity().toString());
      json.writeStringField("clientId", made.id().toString());
      json.writeNumberField("accessTokenTTL", terms.lifetime().ttl());
      json.writeNumberField("accessTokenMaxTTL", terms.lifetime().maxTtl());
      json.writeNumberField("accessTokenNumUsesLimit", terms.maxUses());
      networks(json, "clientSecretTrustedIps", terms.loginFrom());
      networks(json, "accessTokenTrustedIps", terms.tokenFrom());
      dates(json, made);
      json.writeStringField("identityId", wanted.identity().toString());
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  /** Makes a client secret, and shows it this once. */
  public Reply addSecret(Call<SecretOrder> call) throws AuthException {
    SecretOrder order = call.input();
    NewSecret made =
        administration.addClientSecret(order.identity(), order.limits(), order.description());
    call.note("clientSecretId", made.data().id());
    return json -> {
      json.writeStartObject();
      json.writeStringField("clientSecret", made.secret().text());
      data(json, made.data());
      json.writeEndObject();
    };
  }

  /** Ends a client secret. */
  public Reply revokeSecret(Call<SecretName> call) throws AuthException {
    SecretData data =
        administration.revokeClientSecret(call.input().identity(), call.input().secret());
    return json -> {
      json.writeStartObject();
      data(json, data);
      json.writeEndObject();
    };
  }

  private static void data(JsonGenerator json, SecretData data) throws IOException {
    json.writeObjectFieldStart("clientSecretData");
    json.writeStringField("id", data.id().toString());
    json.writeStringField("createdAt", KeyJson.date(data.createdAt()));
    json.writeStringField("updatedAt", KeyJson.date(data.updatedAt()));
    json.writeStringField("description", data.description());
    json.writeStringField("clientSecretPrefix", data.prefix());
    json.writeNumberField("clientSecretNumUses", data.uses());
    json.writeNumberField("clientSecretNumUsesLimit", data.limits().maxUses());
    json.writeNumberField("clientSecretTTL", data.limits().ttl());
    json.writeStringField("identityUAId", data.identity().toString());
    json.writeBooleanField("isClientSecretRevoked", data.revoked());
    json.writeEndObject();
  }

  private static void networks(JsonGenerator json, String name, Networks networks)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Network network : networks.list()) {
      json.writeStartObject();
      json.writeStringField("type", network.type());
      if (network.prefix().isPresent()) {
        json.writeNumberField("prefix", network.prefix().getAsInt());
      }
      json.writeStringField("ipAddress", network.address());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void dates(JsonGenerator json, Made made) throws IOException {
    json.writeStringField("createdAt", KeyJson.date(made.at()));
    json.writeStringField("updatedAt", KeyJson.date(made.at()));
  }
}
