package org.kms4j.servlet.auth;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Somebody whose access token was found good.
 *
 * @param identityId the machine identity
 * @param identityName what an administrator calls it; for logs
 * @param organisationId the organisation, one per installation
 * @param accessTokenId names the token that was shown, for logs; it is no secret
 * @param organisationRole what they are beside their roles in projects
 * @param roles by project id
 */
public record Caller(
    UUID identityId,
    String identityName,
    UUID organisationId,
    UUID accessTokenId,
    OrganisationRole organisationRole,
    Map<String, Role> roles) {
  public Caller {
    roles = Map.copyOf(roles);
  }

  /** The role in this project, if the caller belongs to it. */
  public Optional<Role> roleIn(String project) {
    return Optional.ofNullable(roles.get(project));
  }
}
