package org.kms4j.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README, for tests of what it shows. */
final class Readme {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final String text;

  private Readme(String text) {
    this.text = text;
  }

  static Readme read() throws IOException {
    return new Readme(Files.readString(ROOT.resolve("README.md"), UTF_8));
  }

  String text() {
    return text;
  }

  /** The fenced block of this language that begins so. */
  String block(String language, String start) {
    return found("```" + language + "\n(" + Pattern.quote(start) + "(?s:.*?))\n```");
  }

  /** The first group of what is there. */
  String found(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), "the README has " + pattern);
    return matcher.group(1);
  }
}
