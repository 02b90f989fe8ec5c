package org.kms4j.servlet;

import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.store.StoreException;

/**
 * The key that signs access tokens: a wrapped key like any other, so that every process that shares
 * the store accepts what any of them issued. It lies in a project that no caller can belong to.
 */
final class SigningKey {
  /** Holds the server's own keys; no route serves them. */
  static final String PROJECT = "kms4j";

  private static final String NAME = "access-tokens";

  private SigningKey() {}

  /** The key's id; makes the key at the first start. */
  static UUID findOrCreate(Keyring keyring) {
    Optional<KeyMetadata> found = keyring.findByName(PROJECT, NAME);
    if (found.isPresent()) {
      return found.get().id();
    }
    try {
      return keyring.create(NewKeySpec.of(NAME, KeyAlgorithm.HMAC_SHA_256).inProject(PROJECT)).id();
    } catch (KeyNameTakenException e) {
      // Another process was faster.
      return keyring
          .findByName(PROJECT, NAME)
          .orElseThrow(() -> new StoreException("key " + NAME + " is taken, but not there"))
          .id();
    }
  }
}
