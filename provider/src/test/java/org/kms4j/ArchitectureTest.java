package org.kms4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;

/**
 * The packages of this module may know one another along these arrows and no other.
 *
 * <p>The list is not to grow. Each arrow that is missing is a promise to someone who reads or
 * changes the code: a store cannot unwrap what it keeps, because it cannot see a root key; a root
 * key cannot choose by key id, because it knows none; what touches AES knows neither keys nor
 * formats, so it can be reviewed by itself; what a key <em>is</em> depends on nothing. A change
 * that seems to need a new arrow is in the wrong package: move it, or write a decision record that
 * says which promise is given up, and why.
 */
class ArchitectureTest {
  private static final String ROOT = "org.kms4j.";

  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "cli", Set.of("provider", "key"),
          "provider", Set.of("store", "root", "key", "aead"),
          "store", Set.of("key"),
          "root", Set.of("aead"),
          "key", Set.of(),
          "aead", Set.of());

  private static final Set<String> EMPTY_WORDS =
      Set.of(
          "util", "utils", "common", "helper", "helpers", "misc", "base", "impl", "core", "manager",
          "service");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPath(Path.of(System.getProperty("basedir", "."), "target", "classes"));

  private static String layer(JavaClass type) {
    return type.getPackageName().substring(ROOT.length());
  }

  private static boolean ours(JavaClass type) {
    return type.getPackageName().startsWith(ROOT);
  }

  @Test
  void packagesKnowOneAnotherAlongTheListedArrowsAlone() {
    Set<String> others = new TreeSet<>();
    int seen = 0;
    for (JavaClass type : CLASSES) {
      for (Dependency arrow : type.getDirectDependenciesFromSelf()) {
        JavaClass target = arrow.getTargetClass().getBaseComponentType();
        if (ours(type) && ours(target) && !layer(type).equals(layer(target))) {
          seen++;
          if (!ARROWS.getOrDefault(layer(type), Set.of()).contains(layer(target))) {
            others.add(layer(type) + " -> " + layer(target) + ": " + arrow.getDescription());
          }
        }
      }
    }

    assertTrue(seen > 100, "the classes were not found");
    assertEquals(Set.of(), others, "the list of arrows is not to grow: see this class's comment");
  }

  @Test
  void everyPackageHasItsPlaceInTheList() {
    Set<String> found =
        CLASSES.stream()
            .filter(ArchitectureTest::ours)
            .map(ArchitectureTest::layer)
            .collect(Collectors.toCollection(TreeSet::new));

    found.removeAll(ARROWS.keySet());
    assertEquals(Set.of(), found);
  }

  @Test
  void listItselfHasNoCircle() {
    for (String start : ARROWS.keySet()) {
      Set<String> reached = new TreeSet<>(ARROWS.getOrDefault(start, Set.of()));
      for (int i = 0; i < ARROWS.size(); i++) {
        Set.copyOf(reached).forEach(next -> reached.addAll(ARROWS.getOrDefault(next, Set.of())));
      }
      assertTrue(!reached.contains(start), start + " reaches itself");
    }
  }

  @Test
  void noNameSaysNothing() {
    Set<String> bad = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      // Nested classes may have to be called after a type of the JDK's, as Provider.Service.
      Stream<String> words =
          type.isNestedClass()
              ? Stream.empty()
              : Arrays.stream(type.getSimpleName().split("(?<=[a-z0-9])(?=[A-Z])"));
      Stream<String> all = Stream.concat(words, Arrays.stream(type.getPackageName().split("\\.")));
      if (all.anyMatch(word -> EMPTY_WORDS.contains(word.toLowerCase(Locale.ROOT)))) {
        bad.add(type.getName());
      }
    }
    assertEquals(Set.of(), bad, "a name must say what the thing is");
  }

  @Test
  void publicTypesOfTheProviderAreTheIntendedOnes() {
    Set<String> found =
        CLASSES.stream()
            .filter(type -> ours(type) && layer(type).equals("provider"))
            .filter(ArchitectureTest::seenFromOutside)
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(
        Set.of(
            "KmsProvider",
            "KmsKey",
            "KmsPrivateKey",
            "Keyring",
            "KeyringConfig",
            "NewKeySpec",
            "KeyIdSpec",
            "ProjectParameter",
            "AesEngine",
            "SealLimit",
            "Revocation"),
        found,
        "yes is for ever: what is public now stays public");
  }

  private static boolean seenFromOutside(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ArchitectureTest::seenFromOutside).orElse(true);
  }

  @Test
  void materialIsNamedByOnePublicMethodAlone() {
    Set<String> shown = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (!ours(type) || !layer(type).equals("provider") || !seenFromOutside(type)) {
        continue;
      }
      type.getMethods().stream()
          .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
          .filter(method -> method.getRawReturnType().isEquivalentTo(byte[].class))
          .forEach(method -> shown.add(type.getSimpleName() + "." + method.getName()));
    }
    assertEquals(
        Set.of("Keyring.export", "KmsKey.getEncoded", "KmsPrivateKey.getEncoded"),
        shown,
        "the first is the explicit export, the others are null");
  }

  @Test
  @Conformance("C-51")
  void nothingThatMayWaitForAStoreIsSynchronized() throws Exception {
    Set<String> found = new TreeSet<>();
    Path sources = Path.of(System.getProperty("basedir", "."), "src", "main", "java");
    Pattern monitor = Pattern.compile("^(?!\\s*(\\*|//)).*\\bsynchronized\\b");
    int seen = 0;
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String layer = String.valueOf(file.resolveSibling("").getFileName());
        if (!Set.of("store", "provider", "root").contains(layer)) {
          continue;
        }
        seen++;
        if (Files.readAllLines(file).stream().anyMatch(line -> monitor.matcher(line).find())) {
          found.add(file.toString());
        }
      }
    }

    assertTrue(seen > 20, "the sources were not found");
    assertEquals(
        Set.of(), found, "before JDK 24 a virtual thread that waits in a monitor is pinned");
  }
}
