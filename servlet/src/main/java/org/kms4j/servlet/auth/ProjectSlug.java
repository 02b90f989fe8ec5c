package org.kms4j.servlet.auth;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.text.Normalizer;
import java.util.Locale;
import org.kms4j.store.Session;

/** The short name of a project in addresses, its alone in the installation. */
final class ProjectSlug {
  /** As the API allows who chooses one. */
  static final int MAX_CHARS = 32;

  private static final int TAIL_CHARS = 4;
  private static final String TAIL_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final String NAMELESS = "project";

  private ProjectSlug() {}

  /**
   * The slug that was asked for.
   *
   * @throws AuthException if another project has it
   */
  static String requireFree(Session session, String slug) throws SQLException, AuthException {
    if (isTaken(session, slug)) {
      throw AuthException.conflict("A project with the slug \"%s\" already exists".formatted(slug));
    }
    return slug;
  }

  /** A slug that nobody has, made of the name; with a random tail if another project has that. */
  static String free(Session session, String name, SecureRandom random) throws SQLException {
    String plain = cut(of(name), MAX_CHARS);
    String slug = plain;
    while (isTaken(session, slug)) {
      slug = cut(plain, MAX_CHARS - TAIL_CHARS - 1) + "-" + tail(random);
    }
    return slug;
  }

  /** Letters of ASCII and digits, with one hyphen for each run of anything else between them. */
  static String of(String name) {
    String slug =
        Normalizer.normalize(name, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}+", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    return slug.isEmpty() ? NAMELESS : slug;
  }

  private static String cut(String slug, int chars) {
    return slug.length() <= chars ? slug : slug.substring(0, chars).replaceAll("-$", "");
  }

  private static String tail(SecureRandom random) {
    StringBuilder tail = new StringBuilder();
    for (int i = 0; i < TAIL_CHARS; i++) {
      tail.append(TAIL_ALPHABET.charAt(random.nextInt(TAIL_ALPHABET.length())));
    }
    return tail.toString();
  }

  private static boolean isTaken(Session session, String slug) throws SQLException {
    return session
        .one("SELECT 1 FROM auth_project WHERE slug = ?", row -> row.getInt(1), slug)
        .isPresent();
  }
}
