package org.kms4j.servlet.route;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;

/**
 * A key as the API shows it. Clients read with closed schemas: exactly these members, a description
 * that is always a string, dates with exactly three digits of a second. One more tells what no such
 * client asked for: that the key is not strict.
 */
final class KeyJson {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private KeyJson() {}

  static void write(JsonGenerator json, KeyMetadata key, UUID organisation) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", key.id().toString());
    json.writeStringField("description", key.description());
    json.writeBooleanField("isDisabled", !key.enabled());
    json.writeStringField("orgId", organisation.toString());
    json.writeStringField("name", key.name());
    json.writeStringField("createdAt", date(key.createdAt()));
    json.writeStringField("updatedAt", date(key.updatedAt()));
    json.writeStringField("projectId", key.project());
    json.writeStringField("keyUsage", key.usage().text());
    json.writeBooleanField("isExportable", key.exportable());
    json.writeNumberField("version", key.primaryVersion());
    json.writeStringField("encryptionAlgorithm", key.algorithm().text());
    json.writeStringField("algorithm", key.algorithm().text());
    if (!key.strict()) {
      json.writeBooleanField("isStrict", false);
    }
    json.writeEndObject();
  }

  static String date(Instant time) {
    return DATE.format(time);
  }
}
