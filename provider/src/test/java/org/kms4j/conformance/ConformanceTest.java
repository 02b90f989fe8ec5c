package org.kms4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which points of the JCA conformance list have tests: all of them, or the build fails. */
class ConformanceTest {
  private static final int POINTS = 56;

  /** Points whose test lies in another module, which this one cannot see: where, from here. */
  private static final Map<String, String> ELSEWHERE =
      Map.of("C-13", "../servlet/src/test/java/org/kms4j/servlet/RedeployIT.java");

  private static final Path BASE = Path.of(System.getProperty("basedir", "."));
  private static final Map<String, Set<String>> TESTS = tests();

  private static Map<String, Set<String>> tests() {
    Map<String, Set<String>> tests = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter().importPath(BASE.resolve("target").resolve("test-classes"))) {
      for (JavaMethod method : type.getMethods()) {
        if (method.isAnnotatedWith(Conformance.class)) {
          String name = type.getSimpleName() + "." + method.getName();
          for (String point : method.getAnnotationOfType(Conformance.class).value()) {
            tests.computeIfAbsent(point, p -> new TreeSet<>()).add(name);
          }
        }
      }
    }
    return tests;
  }

  private static Set<String> points() {
    return IntStream.rangeClosed(1, POINTS)
        .mapToObj("C-%02d"::formatted)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPointHasATest() throws Exception {
    Map<String, Set<String>> tests = new TreeMap<>(TESTS);
    for (Map.Entry<String, String> elsewhere : ELSEWHERE.entrySet()) {
      String source = Files.readString(BASE.resolve(elsewhere.getValue()));
      assertTrue(source.contains(elsewhere.getKey()), elsewhere + " is not there");
      tests.put(elsewhere.getKey(), Set.of(elsewhere.getValue()));
    }
    Set<String> missing = points();
    missing.removeAll(tests.keySet());

    tests.forEach((point, names) -> System.out.println("[conformance] " + point + " " + names));
    System.out.println("[conformance] " + tests.size() + " of " + POINTS + " points are covered");
    assertEquals(Set.of(), missing, "points without a test");
  }

  @Test
  void numbersAreThoseOfTheList() {
    assertTrue(points().containsAll(TESTS.keySet()), TESTS.keySet().toString());
  }
}
