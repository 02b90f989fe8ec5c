package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.provider.Keyring;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.ErrorReply;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * Key material in and out.
 *
 * <p>Threat: material that stays in memory. What is exported is wiped once it was written, or once
 * another key of the same request was refused; what is imported, once the key was made.
 *
 * <p>Safe for use by many threads.
 */
public final class TransferRoutes {
  private static final int MAX_KEYS = 100;

  private final Keyring keyring;

  public TransferRoutes(Keyring keyring) {
    this.keyring = keyring;
  }

  /** Reads the body of a bulk export: which keys. */
  public static List<UUID> keyIds(Input input) throws ValidationException, RefusedException {
    Fields body = input.body().fields();
    List<UUID> keyIds = body.uuids("keyIds", 1, MAX_KEYS);
    body.end();
    return keyIds;
  }

  /** Hands out the primary version's material of one key. */
  public Reply exportOne(Call<UUID> call) throws GeneralSecurityException {
    ExportedKey key = ExportedKey.of(keyring, call.key());
    return json -> {
      json.writeStartObject();
      json.writeBinaryField("privateKey", key.material());
      json.writeEndObject();
      key.wipe();
    };
  }

  /** Hands out those of many keys, or of none. */
  public Reply exportMany(Call<List<UUID>> call) throws GeneralSecurityException, RefusedException {
    List<ExportedKey> keys = new ArrayList<>();
    boolean all = false;
    try {
      for (KeyMetadata key : call.keys()) {
        keys.add(ExportedKey.of(keyring, key));
      }
      all = true;
    } catch (KeyNotExportableException e) {
      throw RefusedException.badRequest(
          ErrorReply.of(e).message().asText() + " [kmsId=" + e.keyId() + "]");
    } finally {
      if (!all) {
        keys.forEach(ExportedKey::wipe);
      }
    }
    return json -> {
      ExportedKey.write(json, keys);
      keys.forEach(ExportedKey::wipe);
    };
  }

  private record Failure(String name, String message) {}

  /** Makes keys of given material; those that cannot be made hinder no others. */
  public Reply importMany(Call<KeyImport> call) {
    List<KeyMetadata> made = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (KeyImport.Entry entry : call.input().keys()) {
      try {
        made.add(call.made(importKey(entry)));
      } catch (KeyNameTakenException e) {
        failures.add(new Failure(entry.spec().name(), ErrorReply.of(e).message().asText()));
      } catch (InvalidKeyException e) {
        failures.add(new Failure(entry.spec().name(), String.valueOf(e.getMessage())));
      }
    }
    return json -> write(json, made, failures);
  }

  private KeyMetadata importKey(KeyImport.Entry entry)
      throws InvalidKeyException, KeyNameTakenException {
    byte[] material = new byte[0];
    try {
      material = MaterialForm.read(entry.spec().algorithm(), entry.material());
      return keyring.importKey(UUID.randomUUID(), entry.spec(), material);
    } finally {
      Arrays.fill(material, (byte) 0);
      Arrays.fill(entry.material(), (byte) 0);
    }
  }

  private static void write(JsonGenerator json, List<KeyMetadata> made, List<Failure> failures)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("keys");
    for (KeyMetadata key : made) {
      json.writeStartObject();
      json.writeStringField("id", key.id().toString());
      json.writeStringField("name", key.name());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("errors");
    for (Failure failure : failures) {
      json.writeStartObject();
      json.writeStringField("name", failure.name());
      json.writeStringField("message", failure.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
