package org.kms4j.servlet.route;

import java.util.List;
import java.util.Optional;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Route;
import org.kms4j.servlet.http.ValidationException;

/**
 * Keys that somebody brings.
 *
 * @param project where they shall be
 * @param keys what they shall be, and of what
 */
public record KeyImport(String project, List<Entry> keys) {
  static final int MAX_KEYS = 100;

  /** One key. */
  public static final class Entry {
    private final NewKeySpec spec;
    private final byte[] material;

    private Entry(NewKeySpec spec, byte[] material) {
      this.spec = spec;
      this.material = material;
    }

    /** What it shall be. */
    NewKeySpec spec() {
      return spec;
    }

    /** As {@link MaterialForm} has it; not a copy, and wiped by who makes the key. */
    byte[] material() {
      return material;
    }
  }

  /** Reads the body of a bulk import. */
  public static KeyImport read(Input input) throws ValidationException, RefusedException {
    Fields body = input.body().fields();
    String project = body.uuid("projectId").toString();
    List<Entry> keys = body.objects("keys", 1, MAX_KEYS, key -> entry(project, key));
    body.end();
    return new KeyImport(project, keys);
  }

  private static Entry entry(String project, Fields key) {
    String name = key.slug("name", "Name");
    Claim claim = Claim.read(key);
    key.text("keyMaterial", "Too small: expected string to have >=1 characters");
    boolean exportable = key.optionalFlag("isExportable").orElse(true);
    boolean strict = key.optionalFlag("isStrict").orElse(true);
    Optional<KeyAlgorithm> algorithm = claim.check(key);
    byte[] material =
        algorithm.isPresent() ? key.base64("keyMaterial", Route.SMALL_BODY) : new byte[0];
    // What stands here of a key that was refused is used by nobody.
    KeyAlgorithm known = algorithm.orElse(KeyAlgorithm.AES_256_GCM);
    String harmless = key.good() ? name : "";
    return new Entry(new NewKeySpec(project, harmless, "", known, exportable, strict), material);
  }

  /**
   * The algorithm that an entry names, in whichever member; if it does not fit the usage, that is
   * noted.
   */
  public static Optional<KeyAlgorithm> algorithm(Fields key) {
    return Claim.read(key).check(key);
  }

  private record Claim(String usage, Optional<String> algorithm) {
    static Claim read(Fields key) {
      String usage = key.choice("keyUsage", NewKey.USAGES);
      Optional<String> newerName = key.optionalChoice("algorithm", NewKey.ALGORITHMS);
      Optional<String> olderName = key.optionalChoice("encryptionAlgorithm", NewKey.ALGORITHMS);
      return new Claim(usage, newerName.or(() -> olderName));
    }

    Optional<KeyAlgorithm> check(Fields key) {
      if (!key.good()) {
        return Optional.empty();
      }
      if (algorithm.isEmpty()) {
        key.refuse("algorithm is required", "algorithm");
        return Optional.empty();
      }
      KeyAlgorithm named = KeyAlgorithm.of(algorithm.get());
      KeyUsage wanted = KeyUsage.of(usage);
      if (named.usage() != wanted) {
        String kind =
            switch (wanted) {
              case ENCRYPT_DECRYPT -> "a symmetric";
              case SIGN_VERIFY -> "an asymmetric";
              case GENERATE_VERIFY_MAC -> "an HMAC";
            };
        key.refuse("algorithm must be %s algorithm for %s keys".formatted(kind, wanted.text()));
      }
      return Optional.of(named);
    }
  }
}
