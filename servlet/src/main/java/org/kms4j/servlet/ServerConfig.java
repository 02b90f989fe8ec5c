package org.kms4j.servlet;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.servlet.auth.Networks;
import org.kms4j.servlet.auth.TokenLifetime;

/**
 * The server's settings, {@code kms.http.*}; where they come from and which wins is {@link
 * KeyringConfig}'s to say. An unknown one and a bad value are refused by name.
 *
 * @param keyring what the keyring is opened by
 * @param host where to listen
 * @param port likewise; 0 for any that is free
 * @param strict whether an unknown member in a body is refused; upstream drops it
 * @param docs whether the API shows its own description
 * @param metrics whether an admin of the organisation is shown what is counted
 * @param threads what requests are served by
 * @param cors which web pages may call
 * @param maxTokenAge how long an access token lives at most
 * @param rateLimit requests a minute that an identity may make; 0 for any number
 * @param proxies who is believed about the address of a client
 * @param audit the file of the audit log, if there is to be one
 */
record ServerConfig(
    KeyringConfig keyring,
    String host,
    int port,
    boolean strict,
    boolean docs,
    boolean metrics,
    Threads threads,
    Cors cors,
    Duration maxTokenAge,
    int rateLimit,
    Networks proxies,
    Optional<Path> audit) {
  static final String HOST = KeyringConfig.SERVER_PREFIX + "host";
  static final String PORT = KeyringConfig.SERVER_PREFIX + "port";
  static final String STRICT = KeyringConfig.SERVER_PREFIX + "strict";
  static final String DOCS = KeyringConfig.SERVER_PREFIX + "docs";
  static final String METRICS = KeyringConfig.SERVER_PREFIX + "metrics";
  static final String THREADS = KeyringConfig.SERVER_PREFIX + "threads";
  static final String ORIGINS = KeyringConfig.SERVER_PREFIX + "allowedOrigins";
  static final String TOKEN_AGE = KeyringConfig.SERVER_PREFIX + "maxTokenAge";
  static final String RATE = KeyringConfig.SERVER_PREFIX + "rateLimit";
  static final String PROXIES = KeyringConfig.SERVER_PREFIX + "trustedProxies";
  static final String AUDIT = KeyringConfig.SERVER_PREFIX + "audit";

  private static final Set<String> KNOWN =
      caseless(
          Set.of(
              HOST, PORT, STRICT, DOCS, METRICS, THREADS, ORIGINS, TOKEN_AGE, RATE, PROXIES,
              AUDIT));
  private static final int MAX_PORT = 65_535;
  private static final int MAX_RATE = 1_000_000;
  private static final int VIRTUAL_SINCE = 21;

  /** What requests are served by: a pool of the platform's threads, or a virtual one for each. */
  enum Threads {
    PLATFORM,
    VIRTUAL
  }

  /**
   * Reads the settings of a home folder.
   *
   * @param own those of the caller, which win over all others
   * @throws IllegalArgumentException if one is wrong; the message names it
   */
  static ServerConfig load(Path home, Map<String, String> own) {
    KeyringConfig keyring = KeyringConfig.load(home, own);
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    settings.putAll(keyring.serverSettings());
    for (String name : settings.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "unknown setting '" + name + "', known: " + String.join(", ", KNOWN));
      }
    }
    return new ServerConfig(
        keyring,
        host(settings.getOrDefault(HOST, "127.0.0.1")),
        port(settings.getOrDefault(PORT, "8080")),
        flag(settings, STRICT, false),
        flag(settings, DOCS, true),
        flag(settings, METRICS, false),
        threads(settings.getOrDefault(THREADS, "platform"), Runtime.version().feature()),
        Cors.of(ORIGINS, settings.getOrDefault(ORIGINS, "")),
        tokenAge(settings.getOrDefault(TOKEN_AGE, "" + TokenLifetime.USUAL.toSeconds())),
        rate(settings.getOrDefault(RATE, "0")),
        proxies(settings.getOrDefault(PROXIES, "")),
        file(keyring.home(), AUDIT, settings.getOrDefault(AUDIT, "")));
  }

  private static Set<String> caseless(Set<String> names) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(names);
    return known;
  }

  /** As a URL begins, with this port. */
  String url(int actualPort) {
    String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return "http://" + name + ":" + actualPort;
  }

  private static String host(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("setting " + HOST + " is empty");
    }
    return value;
  }

  private static int port(String value) {
    return (int) number(PORT, value, 0, MAX_PORT, "0 to " + MAX_PORT);
  }

  private static Duration tokenAge(String value) {
    long longest = TokenLifetime.LONGEST.toSeconds();
    return Duration.ofSeconds(
        number(TOKEN_AGE, value, 1, longest, "1 to " + longest + " (seconds)"));
  }

  private static int rate(String value) {
    return (int) number(RATE, value, 0, MAX_RATE, "0 (off) to " + MAX_RATE);
  }

  /** Ten digits at most and nothing else, as {@link KeyringConfig} reads its own. */
  private static long number(String name, String value, long least, long most, String wanted) {
    if (!value.matches("[0-9]{1,10}")
        || Long.parseLong(value) < least
        || Long.parseLong(value) > most) {
      throw new IllegalArgumentException("setting " + name + " is '" + value + "', want " + wanted);
    }
    return Long.parseLong(value);
  }

  private static Networks proxies(String value) {
    List<String> texts = value.isBlank() ? List.of() : List.of(value.strip().split(" *, *", -1));
    return Networks.parse(texts)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "setting "
                        + PROXIES
                        + " is '"
                        + value
                        + "', want addresses or networks such as 10.0.0.0/8, with commas between"));
  }

  private static Optional<Path> file(Path home, String name, String value) {
    try {
      return value.isEmpty() ? Optional.empty() : Optional.of(home.resolve(value));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "setting " + name + " names no file: " + e.getMessage(), e);
    }
  }

  /** As the setting says, on a JDK of this release. */
  static Threads threads(String value, int release) {
    if (value.equals("platform")) {
      return Threads.PLATFORM;
    }
    if (!value.equals("virtual")) {
      throw new IllegalArgumentException(
          "setting " + THREADS + " is '" + value + "', want platform or virtual");
    }
    if (release < VIRTUAL_SINCE) {
      throw new IllegalArgumentException(
          "setting %s is 'virtual', which wants JDK %d or newer; this is %d"
              .formatted(THREADS, VIRTUAL_SINCE, release));
    }
    return Threads.VIRTUAL;
  }

  private static boolean flag(Map<String, String> settings, String name, boolean absent) {
    String value = settings.getOrDefault(name, String.valueOf(absent));
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException(
          "setting " + name + " is '" + value + "', want true or false");
    }
    return value.equals("true");
  }
}
