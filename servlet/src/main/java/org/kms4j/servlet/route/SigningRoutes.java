package org.kms4j.servlet.route;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.provider.Keyring;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * Signatures by key pairs, by the {@code Signature} of the provider, as any user of it would.
 *
 * <p>Threat: a private key put under what its owner did not mean to sign. A digest must be as long
 * as that of the algorithm, and is never signed bare under RSA. Data is wiped once it was read.
 *
 * <p>Safe for use by many threads.
 */
public final class SigningRoutes {
  static final int MAX_DATA_BYTES = 1 << 20;
  static final int MAX_SIGNATURE_BYTES = 8_192;

  private final Provider provider;
  private final Keyring keyring;

  public SigningRoutes(Provider provider, Keyring keyring) {
    this.provider = provider;
    this.keyring = keyring;
  }

  /** What is to be signed, or was. */
  public static final class Order {
    private final UUID keyId;
    private final SigningAlgorithm algorithm;
    private final boolean digest;
    private final byte[] data;
    private final byte[] signature;

    private Order(
        UUID keyId, SigningAlgorithm algorithm, boolean digest, byte[] data, byte[] signature) {
      this.keyId = keyId;
      this.algorithm = algorithm;
      this.digest = digest;
      this.data = data;
      this.signature = signature;
    }

    public UUID keyId() {
      return keyId;
    }

    /** Reads what a signature is asked for. */
    public static Order toSign(Input input) throws ValidationException, RefusedException {
      return read(input, false);
    }

    /** Likewise, with the signature. */
    public static Order toVerify(Input input) throws ValidationException, RefusedException {
      return read(input, true);
    }

    private static Order read(Input input, boolean signed)
        throws ValidationException, RefusedException {
      UUID keyId = KeyRoutes.keyId(input);
      Fields body = input.body().fields();
      String algorithm = body.choice("signingAlgorithm", SigningAlgorithm.NAMES);
      boolean digest = body.optionalFlag("isDigest").orElse(false);
      byte[] data = body.base64("data", MAX_DATA_BYTES);
      byte[] signature = signed ? body.base64("signature", MAX_SIGNATURE_BYTES) : new byte[0];
      body.end();
      return new Order(keyId, SigningAlgorithm.valueOf(algorithm), digest, data, signature);
    }
  }

  /** Gives the public key. */
  public Reply publicKey(Call<UUID> call) throws GeneralSecurityException {
    byte[] spki = keyring.publicKey(call.input()).getEncoded();
    return json -> {
      json.writeStartObject();
      json.writeStringField("publicKey", Base64.getEncoder().encodeToString(spki));
      json.writeEndObject();
    };
  }

  /** Lists what the key can sign with. */
  public Reply algorithms(Call<UUID> call) throws GeneralSecurityException, RefusedException {
    try {
      call.key().requireServing(KeyUsage.SIGN_VERIFY);
    } catch (KeyUsageException e) {
      throw RefusedException.badRequest(
          "Key with ID '" + call.input() + "' is not intended for signing");
    }
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("signingAlgorithms");
      for (SigningAlgorithm algorithm : SigningAlgorithm.of(call.key().algorithm())) {
        json.writeString(algorithm.name());
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  /** Signs data, or a digest of it. */
  public Reply sign(Call<Order> call) throws GeneralSecurityException, RefusedException {
    Order order = call.input();
    requireFitting(call);
    if (order.digest && order.data.length != order.algorithm.digestBytes()) {
      throw RefusedException.badRequest(
          ("Failed to sign %s digest with %s due to signing error."
                  + " Ensure that your digest is hashed with %s.")
              .formatted(order.algorithm.label(), order.algorithm, order.algorithm.digestLabel()));
    }
    Signature signature = signature(order);
    signature.initSign(keyring.privateKey(order.keyId));
    update(signature, order);
    byte[] signed = signature.sign();
    return json -> {
      json.writeStartObject();
      json.writeStringField("signature", Base64.getEncoder().encodeToString(signed));
      json.writeStringField("keyId", order.keyId.toString());
      json.writeStringField("signingAlgorithm", order.algorithm.name());
      json.writeEndObject();
    };
  }

  /** Says whether a signature is right. */
  public Reply verify(Call<Order> call) throws GeneralSecurityException, RefusedException {
    Order order = call.input();
    requireFitting(call);
    boolean valid = isValid(order);
    return json -> {
      json.writeStartObject();
      json.writeBooleanField("signatureValid", valid);
      json.writeStringField("keyId", order.keyId.toString());
      json.writeStringField("signingAlgorithm", order.algorithm.name());
      json.writeEndObject();
    };
  }

  private boolean isValid(Order order) throws GeneralSecurityException {
    Signature signature = signature(order);
    signature.initVerify(keyring.publicKey(order.keyId));
    if (order.digest && order.data.length != order.algorithm.digestBytes()) {
      return false;
    }
    update(signature, order);
    try {
      return signature.verify(order.signature);
    } catch (SignatureException e) {
      // What is no signature at all is not a right one.
      return false;
    }
  }

  private static void requireFitting(Call<Order> call)
      throws GeneralSecurityException, RefusedException {
    SigningAlgorithm algorithm = call.input().algorithm;
    call.key().requireServing(KeyUsage.SIGN_VERIFY);
    if (!algorithm.isFor(call.key().algorithm())) {
      throw RefusedException.badRequest(
          "KMS %s key cannot be used with %s".formatted(call.key().algorithm().text(), algorithm));
    }
    if (call.input().digest && !algorithm.takesDigests()) {
      throw RefusedException.badRequest(algorithm.label() + " does not support digested input");
    }
  }

  private Signature signature(Order order) throws GeneralSecurityException {
    return order.digest ? order.algorithm.overDigest(provider) : order.algorithm.overData(provider);
  }

  private static void update(Signature signature, Order order) throws SignatureException {
    signature.update(order.digest ? order.algorithm.prepared(order.data) : order.data);
    Arrays.fill(order.data, (byte) 0);
  }
}
