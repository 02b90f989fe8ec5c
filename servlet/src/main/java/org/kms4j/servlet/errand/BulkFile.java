package org.kms4j.servlet.errand;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyState;
import org.kms4j.provider.NewKeySpec;
import org.kms4j.servlet.http.ArrayDocument;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.ValidationException;
import org.kms4j.servlet.route.KeyImport;

/**
 * A file of keys in the format of a bulk export, {@code {"keys": [{keyId, name, keyUsage,
 * algorithm, privateKey, publicKey?}]}}.
 *
 * <p>Threat: a file that is made to fill the memory; at most {@link #MAX_BYTES} are read. A public
 * key that is given is ignored: it is computed from the private one.
 *
 * <p>For use by one thread.
 */
final class BulkFile {
  static final int MAX_BYTES = 64 * 1_024 * 1_024;

  private static final int MAX_MATERIAL_BYTES = 64 * 1_024;

  private final String project;
  private final Faults faults;
  private final List<Arrival> arrivals = new ArrayList<>();

  private BulkFile(String project, Faults faults) {
    this.project = project;
    this.faults = faults;
  }

  /**
   * Reads and checks all entries.
   *
   * @param project where the keys shall be
   * @param faults takes what is wrong with entries
   * @return the good ones, which the caller wipes
   * @throws IllegalArgumentException if it is no such file at all
   */
  static List<Arrival> read(Path file, String project, Faults faults) {
    byte[] document = bytes(file);
    BulkFile bulk = new BulkFile(project, faults);
    try {
      ArrayDocument.read(document, "keys", bulk::entry);
      return bulk.arrivals;
    } catch (RefusedException e) {
      bulk.arrivals.forEach(Arrival::wipe);
      throw new IllegalArgumentException(file + " " + e.getMessage(), e);
    } finally {
      Arrays.fill(document, (byte) 0);
    }
  }

  private static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        Arrays.fill(bytes, (byte) 0);
        throw new IllegalArgumentException(file + " is larger than " + MAX_BYTES + " bytes");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void entry(int number, Fields key) {
    String name = key.text("name");
    String place = Faults.place("entry " + number, name);
    try {
      arrivals.add(arrival(place, name, key));
    } catch (ValidationException e) {
      faults.add(place, text(e));
    } catch (InvalidKeyException | IllegalArgumentException e) {
      // Of a text that is ours: neither has any byte of the entry.
      faults.add(place, String.valueOf(e.getMessage()));
    }
  }

  private Arrival arrival(String place, String name, Fields key)
      throws ValidationException, InvalidKeyException {
    UUID keyId = key.uuid("keyId");
    Optional<KeyAlgorithm> algorithm = KeyImport.algorithm(key);
    byte[] form = key.base64("privateKey", MAX_MATERIAL_BYTES);
    if (name.isEmpty() && key.good()) {
      key.refuse("is empty", "name");
    }
    key.end();
    NewKeySpec spec = new NewKeySpec(project, name, "", algorithm.orElseThrow(), true);
    return Arrival.of(place, keyId, spec, KeyState.ENABLED, List.of(form));
  }

  private static String text(ValidationException e) {
    return StreamSupport.stream(e.issues().spliterator(), false)
        .map(issue -> (issue.at("/path/0").asText() + " " + issue.path("message").asText()).strip())
        .collect(Collectors.joining("; "));
  }
}
