package org.kms4j.servlet.errand;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.provider.Keyring;
import org.kms4j.servlet.http.Json;
import org.kms4j.servlet.route.ExportedKey;

/**
 * {@code export-infisical FILE}: writes keys with their material into a new file, in the format of
 * a bulk export.
 *
 * <p>Threat: a loss that is noticed when the old home is gone. The format has one version of a key;
 * a key that has more is refused, and named, unless it was said that the newest will do.
 *
 * @param file must not be there
 * @param project whose keys
 * @param keyIds which of them; all if empty
 * @param goodOnly whether the good ones are written where others cannot be
 * @param newestOnly whether the newest version will do
 */
record ExportFile(Path file, String project, Set<UUID> keyIds, boolean goodOnly, boolean newestOnly)
    implements Errand {
  private static final int PAGE = 100;

  ExportFile {
    keyIds = Collections.unmodifiableSet(new LinkedHashSet<>(keyIds));
  }

  @Override
  public boolean makesHome() {
    return false;
  }

  @Override
  public void run(Supplier<OpenHome> home, PrintStream out) {
    try (OpenHome open = home.get()) {
      Keyring keyring = open.keyring();
      Faults faults = new Faults();
      List<KeyMetadata> good = new ArrayList<>();
      for (KeyMetadata key : wanted(keyring, faults)) {
        List<String> faultsOfKey = faults(key);
        faultsOfKey.forEach(text -> faults.add(place(key.id(), key.name()), text));
        if (faultsOfKey.isEmpty()) {
          good.add(key);
        }
      }
      faults.requireNoneUnless(goodOnly, "nothing was exported:");
      if (good.isEmpty()) {
        throw new IllegalArgumentException("project " + project + " has no key to export");
      }
      write(keyring, good);
      good.forEach(key -> out.println("exported: " + key.name() + " " + key.id()));
      faults.lines().forEach(line -> out.println("left out: " + line));
      out.println(good.size() + " exported to " + file + ", which holds their material");
    }
  }

  private static String place(UUID keyId, String name) {
    return Faults.place("key " + keyId, name);
  }

  private List<KeyMetadata> wanted(Keyring keyring, Faults faults) {
    if (keyIds.isEmpty()) {
      return all(keyring);
    }
    List<KeyMetadata> keys = new ArrayList<>();
    for (UUID keyId : keyIds) {
      try {
        KeyMetadata key = keyring.describe(keyId);
        if (key.project().equals(project)) {
          keys.add(key);
        } else {
          faults.add(place(keyId, key.name()), "is in project " + key.project());
        }
      } catch (KeyNotFoundException e) {
        faults.add(place(keyId, ""), "there is no such key");
      }
    }
    return keys;
  }

  private List<KeyMetadata> all(Keyring keyring) {
    List<KeyMetadata> keys = new ArrayList<>();
    KeyPage page;
    do {
      page = keyring.list(new KeyQuery(project, "", false, keys.size(), PAGE));
      keys.addAll(page.keys());
    } while (page.keys().size() == PAGE);
    return keys;
  }

  private List<String> faults(KeyMetadata key) {
    List<String> faults = new ArrayList<>();
    if (!key.exportable()) {
      faults.add("is not exportable");
    }
    if (!key.enabled()) {
      faults.add("is disabled");
    }
    if (key.primaryVersion() > 1 && !newestOnly) {
      String loss =
          key.algorithm() == KeyAlgorithm.XAES_256_GCM
              ? "its messages name their version, and the one that moves becomes version 1: none"
                  + " of them would open where it goes"
              : "the file holds the newest alone: what older ones sealed would not open where it"
                  + " goes";
      faults.add(
          "has %d versions, and %s (--newest-only exports it all the same)"
              .formatted(key.primaryVersion(), loss));
    }
    return faults;
  }

  private void write(Keyring keyring, List<KeyMetadata> keys) {
    try (NewFile target = NewFile.begin(file)) {
      try (JsonGenerator json = Json.generator(target.stream())) {
        json.useDefaultPrettyPrinter();
        json.writeStartObject();
        json.writeArrayFieldStart("keys");
        for (KeyMetadata key : keys) {
          ExportedKey exported = ExportedKey.of(keyring, key);
          exported.write(json);
          exported.wipe();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
      }
      target.publish();
    } catch (InvalidKeyException e) {
      // Revoked or deleted since it was looked at.
      throw new IllegalArgumentException("nothing was exported: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
