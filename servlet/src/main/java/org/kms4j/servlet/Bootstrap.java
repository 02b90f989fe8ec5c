package org.kms4j.servlet;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.auth.Identities.FirstAdmin;
import org.kms4j.servlet.http.Json;

/**
 * The first start on an empty home: makes organisation, project and admin, and writes {@code
 * bootstrap.json}, the one place where the admin's secret can be read.
 *
 * <p>The file is in place, whole and on disk, before the admin is committed: a crash between the
 * two leaves a file that the next start overwrites, never an admin whose secret nobody has. A later
 * start changes nothing.
 *
 * <p>Threat: another user of the machine. The file is its owner's alone from the moment it exists.
 */
final class Bootstrap {
  static final String FILE = "bootstrap.json";
  private static final String PROJECT_NAME = "default";

  private Bootstrap() {}

  /**
   * What was found or made.
   *
   * @param organisation the organisation
   * @param first whether this was the first start
   */
  record Installation(UUID organisation, boolean first) {}

  /** Finds the organisation, or makes all that a first start makes. */
  static Installation open(Identities identities, Path home, String url) {
    Optional<UUID> found = identities.organisation();
    if (found.isPresent()) {
      return new Installation(found.get(), false);
    }
    boolean[] first = {false};
    UUID organisation =
        identities.openInstallation(
            KeyMetadata.DEFAULT_PROJECT,
            PROJECT_NAME,
            admin -> {
              write(home.resolve(FILE), url, admin);
              first[0] = true;
            });
    return new Installation(organisation, first[0]);
  }

  private static void write(Path file, String url, FirstAdmin admin) {
    try {
      // Created with mode 0600, where files have modes.
      Path draft = Files.createTempFile(file.resolveSibling(""), "bootstrap", ".tmp");
      try (JsonGenerator json = Json.generator(Files.newOutputStream(draft))) {
        json.useDefaultPrettyPrinter();
        writeObject(json, url, admin);
        json.writeRaw('\n');
      }
      sync(draft);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private static void writeObject(JsonGenerator json, String url, FirstAdmin admin)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("url", url);
    json.writeStringField("organizationId", admin.organisationId().toString());
    json.writeStringField("projectId", KeyMetadata.DEFAULT_PROJECT);
    json.writeStringField("identityId", admin.identityId().toString());
    json.writeStringField("clientId", admin.clientId().toString());
    json.writeStringField("clientSecret", admin.secret().text());
    json.writeEndObject();
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
