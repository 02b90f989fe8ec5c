package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;

/**
 * What a key to be made shall be: for {@link Keyring#create} and for {@code
 * KeyGenerator.init(AlgorithmParameterSpec)}.
 *
 * @param project the project, {@link KeyMetadata#DEFAULT_PROJECT} if none is named
 * @param name unique in the project, 1 to 255 characters; empty to be named by its key id
 * @param description free text of at most 500 characters
 * @param algorithm what it shall compute with
 * @param exportable whether its material may ever leave
 * @param strict whether a process that cannot reach the store stops serving it when its lease ends
 */
public record NewKeySpec(
    String project,
    String name,
    String description,
    KeyAlgorithm algorithm,
    boolean exportable,
    boolean strict)
    implements AlgorithmParameterSpec {

  static final int MAX_NAME_CHARS = 255;
  static final int MAX_DESCRIPTION_CHARS = 500;

  public NewKeySpec {
    requireName("project", project);
    requireName("name", name);
    requireDescription(description);
    if (project.isEmpty()) {
      throw new IllegalArgumentException("project is empty");
    }
  }

  /** A strict key. */
  public NewKeySpec(
      String project, String name, String description, KeyAlgorithm algorithm, boolean exportable) {
    this(project, name, description, algorithm, exportable, true);
  }

  /** A strict key of the default project that may not be exported. */
  public static NewKeySpec of(String name, KeyAlgorithm algorithm) {
    return new NewKeySpec(KeyMetadata.DEFAULT_PROJECT, name, "", algorithm, false);
  }

  /** The same in another project. */
  public NewKeySpec inProject(String newProject) {
    return new NewKeySpec(newProject, name, description, algorithm, exportable, strict);
  }

  /**
   * The same, strict or not. One that is not serves on while the store is away, for longer than the
   * lease; in turn a process that is cut off may serve it after it was revoked, until it reaches
   * the store again.
   */
  public NewKeySpec withStrict(boolean nowStrict) {
    return new NewKeySpec(project, name, description, algorithm, exportable, nowStrict);
  }

  /**
   * Makes sure that {@link Keyring#importKey} would take this material for such a key.
   *
   * @throws InvalidKeyException if the algorithm does not take it
   */
  public void requireMaterial(byte[] material) throws InvalidKeyException {
    Arrays.fill(NewMaterial.imported(algorithm, material), (byte) 0);
  }

  static void requireName(String field, String name) {
    if (name.length() > MAX_NAME_CHARS || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          field + " must have at most " + MAX_NAME_CHARS + " characters and no control character");
    }
  }

  static void requireDescription(String description) {
    // PostgreSQL's texts have no U+0000.
    if (description.length() > MAX_DESCRIPTION_CHARS || description.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "description must have at most " + MAX_DESCRIPTION_CHARS + " characters and no U+0000");
    }
  }
}
