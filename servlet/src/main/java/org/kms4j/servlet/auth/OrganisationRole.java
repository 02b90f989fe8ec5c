package org.kms4j.servlet.auth;

import java.util.Arrays;
import java.util.List;

/**
 * What an identity is in the organisation, beside its roles in projects. The texts are the API's.
 */
public enum OrganisationRole {
  ADMIN("admin"),
  MEMBER("member"),
  NO_ACCESS("no-access");

  /** All spellings. */
  public static final List<String> TEXTS =
      Arrays.stream(values()).map(OrganisationRole::text).toList();

  private final String text;

  OrganisationRole(String text) {
    this.text = text;
  }

  /** The spelling in JSON and in the store. */
  public String text() {
    return text;
  }

  /** Whether the role includes the duty. */
  public boolean allows(Duty duty) {
    return this == ADMIN || (this == MEMBER && duty == Duty.CREATE_PROJECT);
  }

  /** The role with this exact spelling; throws {@link IllegalArgumentException} for any other. */
  public static OrganisationRole of(String text) {
    for (OrganisationRole role : values()) {
      if (role.text.equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException("unknown organisation role '" + text + "'");
  }
}
