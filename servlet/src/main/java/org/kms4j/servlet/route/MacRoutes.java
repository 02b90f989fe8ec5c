package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import org.kms4j.key.KeyUsage;
import org.kms4j.provider.KmsKey;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * HMACs, by the {@code Mac} of the provider, as any user of it would; RFC 2104.
 *
 * <p>Threat: a MAC guessed byte by byte from the time that an answer takes. Two are compared in
 * constant time, and the right one is wiped, as is the data.
 *
 * <p>Safe for use by many threads.
 */
public final class MacRoutes {
  static final int MAX_MAC_BYTES = 1_024;

  private final Provider provider;

  public MacRoutes(Provider provider) {
    this.provider = provider;
  }

  /** What a MAC is asked for, and the MAC where one was given. */
  public static final class Order {
    private final UUID keyId;
    private final byte[] data;
    private final byte[] mac;

    private Order(UUID keyId, byte[] data, byte[] mac) {
      this.keyId = keyId;
      this.data = data;
      this.mac = mac;
    }

    public UUID keyId() {
      return keyId;
    }

    /** Reads {@code {keyId}} and {@code data}. */
    public static Order toGenerate(Input input) throws ValidationException, RefusedException {
      UUID keyId = KeyRoutes.keyId(input);
      byte[] data = input.body().binary("data", "data", SigningRoutes.MAX_DATA_BYTES);
      return new Order(keyId, data, new byte[0]);
    }

    /** Reads {@code {keyId}}, {@code data} and {@code mac}. */
    public static Order toVerify(Input input) throws ValidationException, RefusedException {
      UUID keyId = KeyRoutes.keyId(input);
      Fields body = input.body().fields();
      byte[] data = body.base64("data", SigningRoutes.MAX_DATA_BYTES);
      byte[] mac = body.base64("mac", MAX_MAC_BYTES);
      body.end();
      return new Order(keyId, data, mac);
    }
  }

  /** A member of the answer. */
  @FunctionalInterface
  private interface Result {
    void write(JsonGenerator json) throws IOException;
  }

  /** Computes the MAC. */
  public Reply generate(Call<Order> call) throws GeneralSecurityException {
    String mac = Base64.getEncoder().encodeToString(mac(call));
    return reply(call, json -> json.writeStringField("mac", mac));
  }

  /** Says whether the given MAC is right. */
  public Reply verify(Call<Order> call) throws GeneralSecurityException {
    byte[] right = mac(call);
    boolean valid = MessageDigest.isEqual(right, call.input().mac);
    Arrays.fill(right, (byte) 0);
    return reply(call, json -> json.writeBooleanField("macValid", valid));
  }

  private byte[] mac(Call<Order> call) throws GeneralSecurityException {
    call.key().requireServing(KeyUsage.GENERATE_VERIFY_MAC);
    Mac mac = Mac.getInstance(call.key().algorithm().standardName(), provider);
    mac.init(KmsKey.of(call.input().keyId));
    byte[] computed = mac.doFinal(call.input().data);
    Arrays.fill(call.input().data, (byte) 0);
    return computed;
  }

  private static Reply reply(Call<Order> call, Result result) {
    return json -> {
      json.writeStartObject();
      result.write(json);
      json.writeStringField("keyId", call.input().keyId.toString());
      json.writeStringField("macAlgorithm", call.key().algorithm().text());
      json.writeEndObject();
    };
  }
}
