package org.kms4j.servlet.auth;

/** What one may be allowed to do with the keys of a project. */
public enum Permission {
  READ("read"),
  CREATE("create"),
  EDIT("edit"),
  DELETE("delete"),
  ROTATE("rotate"),
  ENCRYPT("encrypt"),
  DECRYPT("decrypt"),
  SIGN("sign"),
  VERIFY("verify"),
  GENERATE_MAC("generate-mac"),
  VERIFY_MAC("verify-mac"),
  EXPORT_PRIVATE_KEY("export-private-key");

  private final String text;

  Permission(String text) {
    this.text = text;
  }

  /** The action's name in the API. */
  public String text() {
    return text;
  }
}
