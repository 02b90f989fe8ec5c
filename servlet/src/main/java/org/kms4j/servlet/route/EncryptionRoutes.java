package org.kms4j.servlet.route;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Cipher;
import org.kms4j.provider.KmsKey;
import org.kms4j.servlet.http.BinaryReply;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * Encrypt and decrypt, by the {@code Cipher} of the provider, as any user of it would.
 *
 * <p>Plaintext is wiped once it was sealed or written.
 *
 * <p>Safe for use by many threads.
 */
public final class EncryptionRoutes {
  static final int MAX_PLAINTEXT_BYTES = 1 << 20;

  /** Room for what sealing adds. */
  static final int MAX_CIPHERTEXT_BYTES = MAX_PLAINTEXT_BYTES + (1 << 10);

  private static final String TRANSFORMATION = "KMS/GCM/NoPadding";

  private final Provider provider;

  public EncryptionRoutes(Provider provider) {
    this.provider = provider;
  }

  /** Bytes to be sealed or opened, and the key to do it with. */
  public static final class Message {
    private final UUID keyId;
    private final byte[] bytes;

    private Message(UUID keyId, byte[] bytes) {
      this.keyId = keyId;
      this.bytes = bytes;
    }

    public UUID keyId() {
      return keyId;
    }

    /** Reads {@code {keyId}} and {@code plaintext}. */
    public static Message plaintext(Input input) throws ValidationException, RefusedException {
      UUID keyId = keyId(input);
      return new Message(keyId, input.body().binary("plaintext", "data", MAX_PLAINTEXT_BYTES));
    }

    /** Reads {@code {keyId}} and {@code ciphertext}. */
    public static Message ciphertext(Input input) throws ValidationException, RefusedException {
      UUID keyId = keyId(input);
      return new Message(
          keyId, input.body().binary("ciphertext", "ciphertext", MAX_CIPHERTEXT_BYTES));
    }

    private static UUID keyId(Input input) throws ValidationException {
      Fields params = input.params();
      UUID keyId = params.uuid("keyId");
      params.end();
      return keyId;
    }
  }

  /** Seals under the primary version. */
  public Reply encrypt(Call<Message> call) throws GeneralSecurityException {
    byte[] plaintext = call.input().bytes;
    try {
      return new BinaryReply("ciphertext", cipher(Cipher.ENCRYPT_MODE, call).doFinal(plaintext));
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  /** Opens what any version of the key has sealed. */
  public Reply decrypt(Call<Message> call) throws GeneralSecurityException {
    return new BinaryReply(
        "plaintext", cipher(Cipher.DECRYPT_MODE, call).doFinal(call.input().bytes));
  }

  private Cipher cipher(int mode, Call<Message> call) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(TRANSFORMATION, provider);
    cipher.init(mode, KmsKey.of(call.input().keyId()));
    return cipher;
  }
}
