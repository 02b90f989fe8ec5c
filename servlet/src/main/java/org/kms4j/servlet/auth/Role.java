package org.kms4j.servlet.auth;

/** What an identity is in a project: a fixed set of permissions. The texts are the API's. */
public enum Role {
  ADMIN("admin"),
  MEMBER("member"),
  VIEWER("viewer"),
  CRYPTOGRAPHIC_OPERATOR("cryptographic-operator"),
  NO_ACCESS("no-access");

  private final String text;

  Role(String text) {
    this.text = text;
  }

  /** The spelling in JSON and in the store. */
  public String text() {
    return text;
  }

  /** Whether the role includes the permission. */
  public boolean allows(Permission permission) {
    return switch (this) {
      case ADMIN -> true;
      case MEMBER -> permission != Permission.EXPORT_PRIVATE_KEY;
      case VIEWER -> permission == Permission.READ;
      case CRYPTOGRAPHIC_OPERATOR -> operates(permission);
      case NO_ACCESS -> false;
    };
  }

  /** Uses keys without seeing or changing them. */
  private static boolean operates(Permission permission) {
    return switch (permission) {
      case ENCRYPT, DECRYPT, SIGN, VERIFY, GENERATE_MAC, VERIFY_MAC -> true;
      case READ, CREATE, EDIT, DELETE, ROTATE, EXPORT_PRIVATE_KEY -> false;
    };
  }

  /** The role with this exact spelling; throws {@link IllegalArgumentException} for any other. */
  public static Role of(String text) {
    for (Role role : values()) {
      if (role.text.equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException("unknown role '" + text + "'");
  }
}
