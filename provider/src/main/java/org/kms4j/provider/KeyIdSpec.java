package org.kms4j.provider;

import java.security.spec.KeySpec;
import java.util.UUID;

/**
 * A key by its key id, for {@code SecretKeyFactory}.
 *
 * @param keyId the key id
 */
public record KeyIdSpec(UUID keyId) implements KeySpec {}
