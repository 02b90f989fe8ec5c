package org.kms4j.servlet.auth;

/** What one may be allowed to do in the organisation. */
public enum Duty {
  CREATE_IDENTITY("create on identity"),
  /** Its universal auth and client secrets: who has these is the identity. */
  EDIT_IDENTITY("edit on identity"),
  CREATE_PROJECT("create on project"),
  READ_METRICS("read on metrics"),
  /** Also allowed to an admin of the project in question. */
  SET_MEMBERSHIP("edit on identity");

  private final String text;

  Duty(String text) {
    this.text = text;
  }

  /** Action and subject, as a refusal names them. */
  String text() {
    return text;
  }
}
