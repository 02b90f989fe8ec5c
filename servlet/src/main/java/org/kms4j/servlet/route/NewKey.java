package org.kms4j.servlet.route;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.ValidationException;

/**
 * A key that somebody asks for.
 *
 * @param spec what it shall be
 */
public record NewKey(NewKeySpec spec) {
  static final List<String> USAGES = Arrays.stream(KeyUsage.values()).map(KeyUsage::text).toList();

  static final List<String> ALGORITHMS =
      Arrays.stream(KeyAlgorithm.values()).map(KeyAlgorithm::text).toList();

  public String project() {
    return spec.project();
  }

  /** Reads the body of a create. */
  public static NewKey read(Input input) throws ValidationException, RefusedException {
    Fields body = input.body().fields();
    String project = body.text("projectId");
    String name = body.slug("name", "Name");
    String description = body.prose("description", KeyRoutes.MAX_DESCRIPTION_CHARS).orElse("");
    KeyUsage usage =
        body.optionalChoice("keyUsage", USAGES).map(KeyUsage::of).orElse(KeyUsage.ENCRYPT_DECRYPT);
    Optional<String> newerName = body.optionalChoice("algorithm", ALGORITHMS);
    Optional<String> olderName = body.optionalChoice("encryptionAlgorithm", ALGORITHMS);
    String algorithm = newerName.or(() -> olderName).orElse(KeyAlgorithm.AES_256_GCM.text());
    boolean exportable = body.optionalFlag("isExportable").orElse(true);
    boolean strict = body.optionalFlag("isStrict").orElse(true);
    crossCheck(body, usage, algorithm);
    requireUsable(body, project);
    body.end();
    return new NewKey(
        new NewKeySpec(project, name, description, KeyAlgorithm.of(algorithm), exportable, strict));
  }

  private static void crossCheck(Fields body, KeyUsage usage, String algorithm) {
    if (!body.good() || KeyAlgorithm.of(algorithm).usage() == usage) {
      return;
    }
    String kind =
        switch (usage) {
          case ENCRYPT_DECRYPT -> "symmetric encryption";
          case SIGN_VERIFY -> "asymmetric sign-verify";
          case GENERATE_VERIFY_MAC -> "HMAC";
        };
    String options =
        Arrays.stream(KeyAlgorithm.values())
            .filter(known -> known.usage() == usage)
            .map(KeyAlgorithm::text)
            .collect(Collectors.joining(", "));
    body.refuse("algorithm must be a valid " + kind + " algorithm. Valid options are: " + options);
  }

  /** What no project can be named, so that the store is not asked for it. */
  private static void requireUsable(Fields body, String project) {
    boolean usable =
        !project.isEmpty()
            && project.length() <= KeyRoutes.MAX_PROJECT_CHARS
            && project.chars().noneMatch(Character::isISOControl);
    if (body.good() && !usable) {
      body.refuse("projectId must be a project ID");
    }
  }
}
