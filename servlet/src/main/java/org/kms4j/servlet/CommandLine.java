package org.kms4j.servlet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kms4j.servlet.errand.Errand;
import org.kms4j.servlet.errand.ErrandLine;

/**
 * What was written after {@code java -jar kms4j.war}.
 *
 * @param help whether help is wanted, and nothing else
 * @param home the home folder, if named
 * @param settings those that the command line sets
 * @param errand what is to be done instead of serving
 */
record CommandLine(
    boolean help, Optional<String> home, Map<String, String> settings, Optional<Errand> errand) {
  private static final String HOME = "--home";

  private static final Map<String, String> SETTINGS =
      Map.of("--host", ServerConfig.HOST, "--port", ServerConfig.PORT);

  static final String HELP =
      """
      kms4j: a key management server

      java -jar kms4j.war [--home DIR] [--host HOST] [--port PORT] [--help]
      java -jar kms4j.war unpack DIR

        --home DIR    root key, database and settings; made if absent
                      (default: $KMS_HOME, else the property kms.home, else ./kms4j-home)
        --host HOST   where to listen (default: 127.0.0.1)
        --port PORT   likewise; 0 takes a free port (default: 8080)
        --help        this text
        unpack DIR    lays the server out in a new folder, to be started by
                      java -jar DIR/kms4j.jar, sooner with an archive of its classes

      Settings come from DIR/kms.properties, system properties kms.*, the environment KMS_* and
      this command line; later ones win:

        kms.http.host     KMS_HTTP_HOST     as --host
        kms.http.port     KMS_HTTP_PORT     as --port
        kms.http.strict   KMS_HTTP_STRICT   true: refuse unknown members in request bodies
        kms.http.audit    KMS_HTTP_AUDIT    file of the audit log (default: none)
        kms.http.threads  KMS_HTTP_THREADS  virtual: one for each request (JDK 21 and newer)
        kms.store         KMS_STORE         JDBC URL of the store (default: DIR/kms.db)
        kms.root          KMS_ROOT          root key: file:PATH or env:VARIABLE
                                            (default: $KMS_ROOT_KEY where set, else DIR/root.key)
        kms.seal.limit    KMS_SEAL_LIMIT    messages under one key version (default: 2147483648)
        kms.seal.rotate   KMS_SEAL_ROTATE   false: refuse at the limit instead of rotating
        kms.lease         KMS_LEASE         seconds that keys serve without the store (default: 30)

      Keys move in and out by verbs, which may run beside a server on the same home:

      """
          + ErrandLine.HELP;

  /**
   * Reads the arguments; throws {@link IllegalArgumentException} naming the first that is wrong.
   */
  static CommandLine parse(String... arguments) {
    return arguments.length > 0 && ErrandLine.isVerb(arguments[0])
        ? errand(List.of(arguments))
        : serving(arguments);
  }

  private static CommandLine errand(List<String> words) {
    if (words.contains("--help") || words.contains("-h")) {
      return helping();
    }
    ErrandLine line = ErrandLine.parse(words, System.getenv());
    return new CommandLine(false, line.home(), Map.of(), Optional.of(line.errand()));
  }

  private static CommandLine helping() {
    return new CommandLine(true, Optional.empty(), Map.of(), Optional.empty());
  }

  private static CommandLine serving(String... arguments) {
    Optional<String> home = Optional.empty();
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      String option = arguments[i];
      if (option.equals("--help") || option.equals("-h")) {
        return helping();
      }
      if (!option.equals(HOME) && !SETTINGS.containsKey(option)) {
        throw new IllegalArgumentException("unknown option '" + option + "', see --help");
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException("option " + option + " wants a value");
      }
      if (option.equals(HOME)) {
        home = Optional.of(arguments[i + 1]);
      } else {
        settings.put(SETTINGS.getOrDefault(option, ""), arguments[i + 1]);
      }
    }
    return new CommandLine(false, home, Map.copyOf(settings), Optional.empty());
  }
}
