package org.kms4j.servlet.errand;

import java.io.PrintStream;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.NewKeySpec;

/**
 * {@code import-infisical --from URL}: takes over the keys of an Infisical database, with all their
 * versions, under their ids, names, projects and states. All are read and checked before the first
 * one is written; that database is only read.
 *
 * <p>Threat: a database made by somebody else, whose project is one of the server's own here. A
 * project's id is a UUID or it is refused.
 *
 * @param url of PostgreSQL
 * @param project whose keys; all if empty
 * @param goodOnly whether the good ones are taken where others are not
 * @param environment holds the key that opens the root key
 */
record ImportDatabase(
    String url, Optional<String> project, boolean goodOnly, Map<String, String> environment)
    implements Errand {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private static final Pattern ALGORITHM_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** Without what may hold a password, and a key. */
  @Override
  public String toString() {
    return "ImportDatabase[project=" + project + ", goodOnly=" + goodOnly + "]";
  }

  @Override
  public boolean makesHome() {
    return true;
  }

  @Override
  public void run(Supplier<OpenHome> home, PrintStream out) {
    Faults faults = new Faults();
    Map<String, String> projects = new LinkedHashMap<>();
    List<Arrival> arrivals = new ArrayList<>();
    try {
      read(arrivals, projects, faults, out);
      faults.requireNoneUnless(goodOnly, ImportFile.NOTHING);
      try (OpenHome open = home.get()) {
        KeyIntake intake = new KeyIntake(open.keyring(), out);
        List<Arrival> missing = intake.missing(arrivals, faults);
        faults.requireNoneUnless(goodOnly, ImportFile.NOTHING);
        makeProjects(open, projects, missing, out);
        intake.take(missing);
        intake.summarise(faults);
      }
    } finally {
      arrivals.forEach(Arrival::wipe);
    }
  }

  private void read(
      List<Arrival> arrivals, Map<String, String> projects, Faults faults, PrintStream out) {
    try (InfisicalDatabase from = InfisicalDatabase.open(url)) {
      InfisicalRootKey root = InfisicalRootKey.open(environment, from.wrappedRootKeys());
      List<InfisicalDatabase.Row> keys =
          from.keys().stream()
              .filter(key -> project.map(key.project::equals).orElse(true))
              .toList();
      if (keys.isEmpty()) {
        throw new IllegalArgumentException(
            project.map(id -> "project " + id + " has no key there").orElse("there is no key"));
      }
      for (InfisicalDatabase.Row key : keys) {
        String place = Faults.place("key " + key.keyId, key.name);
        try {
          arrivals.add(arrival(place, key, root));
          projects.put(key.project, key.projectName);
        } catch (InvalidKeyException | IllegalArgumentException e) {
          // Of a text that is ours: neither has any byte of the key.
          faults.add(place, String.valueOf(e.getMessage()));
        }
      }
      out.println(from.others() + " keys of Infisical's own stay where they are");
    }
  }

  private static Arrival arrival(String place, InfisicalDatabase.Row key, InfisicalRootKey root)
      throws InvalidKeyException {
    if (!UUID_TEXT.matcher(key.project).matches()) {
      throw new IllegalArgumentException("its project has an id that is no UUID");
    }
    requireWhole(key);
    NewKeySpec spec =
        new NewKeySpec(
            key.project, key.name, key.description, algorithm(key.algorithm), key.exportable);
    return Arrival.of(place, key.keyId, spec, key.state, unwrapped(key, root));
  }

  private static void requireWhole(InfisicalDatabase.Row key) {
    if (key.current == 0) {
      throw new IllegalArgumentException("has no material there: it is imported or kept elsewhere");
    }
    for (int version = 1; version <= key.current; version++) {
      if (!key.versions.containsKey(version)) {
        throw new IllegalArgumentException("version " + version + " is missing");
      }
    }
    if (key.versions.lastKey() > key.current) {
      throw new IllegalArgumentException(
          "version %d waits to be taken into use: rotate the key there first"
              .formatted(key.versions.lastKey()));
    }
  }

  private static KeyAlgorithm algorithm(String name) {
    try {
      return KeyAlgorithm.of(name);
    } catch (IllegalArgumentException e) {
      String shown = ALGORITHM_NAME.matcher(name).matches() ? " " + name : "";
      throw new IllegalArgumentException("its algorithm" + shown + " is not known here", e);
    }
  }

  private static List<byte[]> unwrapped(InfisicalDatabase.Row key, InfisicalRootKey root) {
    List<byte[]> versions = new ArrayList<>();
    key.versions.forEach(
        (version, wrap) -> {
          try {
            versions.add(root.unwrap(wrap));
          } catch (AEADBadTagException e) {
            versions.forEach(material -> Arrays.fill(material, (byte) 0));
            throw new IllegalArgumentException(
                "version " + version + " does not open under the root key", e);
          }
        });
    return versions;
  }

  private static void makeProjects(
      OpenHome home, Map<String, String> projects, List<Arrival> missing, PrintStream out) {
    projects.forEach(
        (id, name) -> {
          boolean wanted = missing.stream().anyMatch(key -> key.spec().project().equals(id));
          if (wanted && !home.hasProject(id)) {
            home.makeProject(id, name);
            out.println("made project: " + name + " " + id);
          }
        });
  }
}
