package org.kms4j.store;

import java.util.List;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.WrappedKey;

/**
 * A key as one moment of the store had it.
 *
 * @param metadata what it is
 * @param versions all its versions, wrapped, from 1 up
 */
public record StoredKey(KeyMetadata metadata, List<WrappedKey> versions) {
  public StoredKey {
    versions = List.copyOf(versions);
  }
}
