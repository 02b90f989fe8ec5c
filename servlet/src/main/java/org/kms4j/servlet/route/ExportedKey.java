package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;

/**
 * A key with its material, on the way out: what a bulk export answers, and what its file holds.
 *
 * <p>For use by one thread, which wipes it.
 */
public final class ExportedKey {
  private final KeyMetadata key;
  private final byte[] material;
  private final byte[] publicKey;

  private ExportedKey(KeyMetadata key, byte[] material, byte[] publicKey) {
    this.key = key;
    this.material = material;
    this.publicKey = publicKey;
  }

  /** Exports the key; refused as {@link Keyring#export} refuses. */
  public static ExportedKey of(Keyring keyring, KeyMetadata key) throws InvalidKeyException {
    byte[] exported = keyring.export(key.id());
    try {
      byte[] publicKey =
          key.algorithm().isKeyPair() ? keyring.publicKey(key.id()).getEncoded() : new byte[0];
      return new ExportedKey(key, MaterialForm.of(key.algorithm(), exported), publicKey);
    } finally {
      Arrays.fill(exported, (byte) 0);
    }
  }

  /** Writes them as one object. */
  public static void write(JsonGenerator json, List<ExportedKey> keys) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("keys");
    for (ExportedKey exported : keys) {
      exported.write(json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Writes it as an object. */
  public void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("keyId", key.id().toString());
    json.writeStringField("name", key.name());
    json.writeStringField("keyUsage", key.usage().text());
    json.writeStringField("algorithm", key.algorithm().text());
    json.writeBinaryField("privateKey", material);
    if (publicKey.length > 0) {
      json.writeBinaryField("publicKey", publicKey);
    }
    json.writeEndObject();
  }

  /** As {@link MaterialForm} has it; not a copy. */
  byte[] material() {
    return material;
  }

  /** Ends it. */
  public void wipe() {
    Arrays.fill(material, (byte) 0);
  }
}
