package org.kms4j.servlet.http;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** A UUID in what a client sent: a text that is one from end to end, or none. */
public final class UuidText {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private UuidText() {}

  /** The UUID that the text is. */
  public static Optional<UUID> find(String text) {
    return UUID_TEXT.matcher(text).matches()
        ? Optional.of(UUID.fromString(text))
        : Optional.empty();
  }
}
