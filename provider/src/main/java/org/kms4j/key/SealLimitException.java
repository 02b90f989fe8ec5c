package org.kms4j.key;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.util.UUID;

/**
 * The key version has sealed as many messages as its limit allows, and no newer one may take its
 * place by itself. What it has sealed still opens.
 */
public final class SealLimitException extends InvalidKeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final UUID keyId;
  private final int version;
  private final long limit;

  public SealLimitException(UUID keyId, int version, long limit) {
    super(
        "version %d of key %s has spent its limit of %d seals: rotate the key if this is its newest version, and seal under a handle that names no version"
            .formatted(version, keyId, limit));
    this.keyId = keyId;
    this.version = version;
    this.limit = limit;
  }

  public UUID keyId() {
    return keyId;
  }

  /** The version that is spent. */
  public int version() {
    return version;
  }

  /** How many seals it was good for. */
  public long limit() {
    return limit;
  }
}
