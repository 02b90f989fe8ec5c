package org.kms4j.benchmarks.peer;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;

/** Tink's {@code Aead} of a keyset with one key, as its documentation says; SunJCE below. */
@AccessesPartialKey // a key of given bytes, so that a test can hold the messages against the JDK
final class TinkSealer implements Sealer {
  private static final int KEY_ID = 1;

  private final Aead aead;
  private final byte[] aad;

  private TinkSealer(Aead aead, byte[] aad) {
    this.aead = aead;
    this.aad = aad.clone();
  }

  static Key aes(byte[] key, AesGcmParameters parameters) throws GeneralSecurityException {
    return AesGcmKey.builder()
        .setParameters(parameters)
        .setKeyBytes(secret(key))
        .setIdRequirement(KEY_ID)
        .build();
  }

  static Key xaes(byte[] key, XAesGcmParameters parameters) throws GeneralSecurityException {
    return XAesGcmKey.create(parameters, secret(key), KEY_ID);
  }

  private static SecretBytes secret(byte[] key) {
    return SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get());
  }

  static Sealers of(Key key) throws GeneralSecurityException {
    AeadConfig.register();
    KeysetHandle keyset =
        KeysetHandle.newBuilder()
            .addEntry(KeysetHandle.importKey(key).withFixedId(KEY_ID).makePrimary())
            .build();
    Aead shared = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    return aad -> new TinkSealer(shared, aad);
  }

  @Override
  public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
    return aead.encrypt(plaintext, aad);
  }

  @Override
  public byte[] open(byte[] message) throws GeneralSecurityException {
    return aead.decrypt(message, aad);
  }
}
