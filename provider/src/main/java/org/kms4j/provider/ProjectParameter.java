package org.kms4j.provider;

import java.security.KeyStore;

/**
 * The project whose keys a {@code KeyStore} of type {@code KMS} shows: {@code keyStore.load(new
 * ProjectParameter("…"))}. Without it that is the default project.
 *
 * @param project the project, 1 to 255 characters
 */
public record ProjectParameter(String project) implements KeyStore.LoadStoreParameter {

  public ProjectParameter {
    NewKeySpec.requireName("project", project);
    if (project.isEmpty()) {
      throw new IllegalArgumentException("project is empty");
    }
  }

  /** Null: the root key protects every key, no password does. */
  @Override
  @SuppressWarnings("NullAway") // KeyStore.LoadStoreParameter: null where nothing protects
  public KeyStore.ProtectionParameter getProtectionParameter() {
    return null;
  }
}
