package org.kms4j.servlet.auth;

import java.io.Serial;
import java.security.GeneralSecurityException;
import java.util.UUID;

/** The caller is not who they say, or may not do what they ask. */
public final class AuthException extends GeneralSecurityException {
  @Serial private static final long serialVersionUID = 1L;

  /** The families of refusal; how each is answered is for others to know. */
  public enum Kind {
    /** Who calls is not established. */
    UNAUTHENTICATED,
    /** What was shown is no token of ours, or no longer. */
    BAD_TOKEN,
    /** Nobody may do this from where the caller is. */
    UNTRUSTED_ADDRESS,
    /** The project is unknown. */
    NO_SUCH_PROJECT,
    /** What is to be administered is unknown. */
    NOT_FOUND,
    /** What is to be administered does not allow it. */
    CONFLICT,
    /** The caller does not belong to the project. */
    NOT_A_MEMBER,
    /** The caller's role in the project lacks the permission. */
    DENIED
  }

  private final Kind kind;

  private AuthException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  public static AuthException tokenMissing() {
    return unauthenticated("Token missing");
  }

  static AuthException tokenUnknown() {
    return unauthenticated("No identity access token found");
  }

  static AuthException pastMaxTtl() {
    return unauthenticated("Failed to renew MI access token past its Max TTL expiration");
  }

  /** Upstream's text, whether it was to be renewed or used. */
  static AuthException tokenUsedUp() {
    return unauthenticated("Unable to renew because access token number of uses limit reached");
  }

  static AuthException untrustedAddress() {
    return new AuthException(
        Kind.UNTRUSTED_ADDRESS,
        "You are not allowed to access this resource from the current IP address");
  }

  /** One text for an unknown client id and a wrong secret: a guesser learns nothing. */
  static AuthException wrongCredentials() {
    return unauthenticated("Invalid credentials");
  }

  static AuthException locked() {
    return unauthenticated(
        "This identity auth method is temporarily locked, please try again later");
  }

  static AuthException secretExpired() {
    return unauthenticated("Access denied due to expired client secret");
  }

  static AuthException secretUsedUp() {
    return unauthenticated("Access denied due to client secret usage limit reached");
  }

  static AuthException tokenMalformed() {
    return badToken(
        "The provided access token is malformed."
            + " Please use a valid token or generate a new one and try again.");
  }

  static AuthException tokenInvalid() {
    return badToken("invalid token");
  }

  static AuthException signatureMissing() {
    return badToken("jwt signature is required");
  }

  static AuthException signatureInvalid() {
    return badToken("invalid signature");
  }

  static AuthException algorithmInvalid() {
    return badToken(
        "The access token is signed with an invalid algorithm."
            + " Please provide a valid token and try again.");
  }

  static AuthException tokenExpired() {
    return badToken("Your token has expired. Please re-authenticate.");
  }

  static AuthException noSuchProject(String project) {
    return new AuthException(Kind.NO_SUCH_PROJECT, "Project with " + project + " not found");
  }

  static AuthException notAMember(String project) {
    return new AuthException(
        Kind.NOT_A_MEMBER,
        "You are not a member of this project with ID "
            + project
            + ". Please assign this identity to the project with the appropriate permissions,"
            + " then try again.");
  }

  static AuthException denied(Permission permission) {
    return new AuthException(
        Kind.DENIED, "You are not allowed to " + permission.text() + " on cmek");
  }

  static AuthException denied(Duty duty) {
    return new AuthException(Kind.DENIED, "You are not allowed to " + duty.text());
  }

  static AuthException notFound(String what, UUID id) {
    return new AuthException(Kind.NOT_FOUND, what + " with ID " + id + " not found");
  }

  static AuthException conflict(String message) {
    return new AuthException(Kind.CONFLICT, message);
  }

  private static AuthException unauthenticated(String message) {
    return new AuthException(Kind.UNAUTHENTICATED, message);
  }

  private static AuthException badToken(String message) {
    return new AuthException(Kind.BAD_TOKEN, message);
  }
}
