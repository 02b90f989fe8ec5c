package org.kms4j.servlet.errand;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;

/**
 * A command line that begins with a verb.
 *
 * @param errand what is to be done
 * @param home the home folder, if named
 */
public record ErrandLine(Errand errand, Optional<String> home) {
  private static final String IMPORT = "import-infisical";
  private static final String EXPORT = "export-infisical";
  private static final String MIGRATE = "migrate";

  private static final String HOME = "--home";
  private static final String PROJECT = "--project";
  private static final String KEY = "--key";
  private static final String FROM = "--from";
  private static final String TO = "--to";
  private static final String GOOD_ONLY = "--good-only";
  private static final String NEWEST_ONLY = "--newest-only";

  public static final String HELP =
      """
      java -jar kms4j.war import-infisical FILE [--project ID] [--good-only] [--home DIR]

        Takes in the keys of FILE, a bulk export of Infisical KMS or of kms4j, under their key ids.
        Can be repeated: what is there already is left as it is.

        --project ID    where they shall be (default: the project "default")
        --good-only     take the good ones where others are faulty (default: all or none)

      java -jar kms4j.war import-infisical --from jdbc:postgresql://HOST/DATABASE?user=NAME
                          [--project ID] [--good-only] [--home DIR]

        Takes over the keys of a whole Infisical database: ids, names, projects, all versions. The
        database is only read. ENCRYPTION_KEY or ROOT_ENCRYPTION_KEY comes from the environment;
        the password may come from ~/.pgpass or the file that PGPASSFILE names.

        --project ID    the keys of this project alone

      java -jar kms4j.war export-infisical FILE [--project ID] [--key ID]... [--good-only]
                          [--newest-only] [--home DIR]

        Writes keys with their material into a new FILE, in the same format.

        --project ID    whose keys (default: the project "default")
        --key ID        this key alone; may be given more than once
        --good-only     leave out those that cannot be exported (default: all or none)
        --newest-only   export rotated keys, too, without their older versions

      java -jar kms4j.war migrate --from STORE --to STORE [--home DIR]

        Copies a whole store into another: keys, identities, projects, tokens. A STORE is a home
        folder or a JDBC URL, jdbc:postgresql://HOST/DATABASE?user=NAME. As --to, a folder is its
        file kms.db. The source is only read, and every key is verified. Can be repeated: what is
        there and equal is left, what differs is named, and nothing is overwritten.

        Stop the servers of the source first, and do not start them again. One that still runs on
        a file is refused when it writes; one that writes into PostgreSQL makes the run end with
        nothing copied. What is written behind the end of the run is not in the target.

        --home DIR      whose root key it is (default: the folder that --from or --to names)
      """;

  /** Whether a word is a verb. */
  public static boolean isVerb(String word) {
    return word.equals(IMPORT) || word.equals(EXPORT) || word.equals(MIGRATE);
  }

  /**
   * Reads the words; throws {@link IllegalArgumentException} naming the first that is wrong.
   *
   * @param environment where secrets come from
   */
  public static ErrandLine parse(List<String> words, Map<String, String> environment) {
    List<String> rest = words.subList(1, words.size());
    return switch (words.get(0)) {
      case IMPORT -> importLine(rest, environment);
      case MIGRATE -> migrateLine(rest);
      default -> exportLine(rest);
    };
  }

  private static ErrandLine importLine(List<String> words, Map<String, String> environment) {
    Words line = Words.parse(words, Set.of(HOME, PROJECT, FROM), Set.of(GOOD_ONLY));
    Optional<String> from = line.option(FROM);
    if (from.isPresent()) {
      if (!line.operands().isEmpty()) {
        throw new IllegalArgumentException("either a file or " + FROM + " is wanted, not both");
      }
      return new ErrandLine(
          new ImportDatabase(from.get(), line.option(PROJECT), line.flag(GOOD_ONLY), environment),
          line.option(HOME));
    }
    return new ErrandLine(
        new ImportFile(file(line), project(line), line.flag(GOOD_ONLY)), line.option(HOME));
  }

  private static ErrandLine exportLine(List<String> words) {
    Words line = Words.parse(words, Set.of(HOME, PROJECT, KEY), Set.of(GOOD_ONLY, NEWEST_ONLY));
    Set<UUID> keys = new LinkedHashSet<>();
    line.options(KEY).forEach(text -> keys.add(keyId(text)));
    return new ErrandLine(
        new ExportFile(
            file(line), project(line), keys, line.flag(GOOD_ONLY), line.flag(NEWEST_ONLY)),
        line.option(HOME));
  }

  private static ErrandLine migrateLine(List<String> words) {
    Words line = Words.parse(words, Set.of(HOME, FROM, TO), Set.of());
    if (!line.operands().isEmpty()) {
      throw new IllegalArgumentException(
          "'" + line.operands().get(0) + "' stands behind neither " + FROM + " nor " + TO);
    }
    return new ErrandLine(
        new Migrate(required(line, FROM), required(line, TO), line.option(HOME)),
        line.option(HOME));
  }

  private static String required(Words line, String option) {
    return line.option(option)
        .orElseThrow(() -> new IllegalArgumentException(MIGRATE + " wants " + option));
  }

  private static Path file(Words line) {
    List<String> operands = line.operands();
    if (operands.size() != 1) {
      throw new IllegalArgumentException(
          operands.isEmpty()
              ? "no file was named, see --help"
              : "one file is wanted, not '" + operands.get(1) + "' besides, see --help");
    }
    try {
      return Path.of(operands.get(0));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + operands.get(0) + "' is no file name", e);
    }
  }

  private static String project(Words line) {
    return line.option(PROJECT).orElse(KeyMetadata.DEFAULT_PROJECT);
  }

  private static UUID keyId(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(KEY + " wants a key id, not '" + text + "'", e);
    }
  }
}
