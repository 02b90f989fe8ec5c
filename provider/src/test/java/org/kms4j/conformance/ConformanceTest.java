package org.kms4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which points of the JCA conformance list have tests. */
class ConformanceTest {
  private static final Map<String, Set<String>> TESTS = tests();

  private static Map<String, Set<String>> tests() {
    Map<String, Set<String>> tests = new TreeMap<>();
    Path classes = Path.of(System.getProperty("basedir", "."), "target", "test-classes");
    for (JavaClass type : new ClassFileImporter().importPath(classes)) {
      for (JavaMethod method : type.getMethods()) {
        if (method.isAnnotatedWith(Conformance.class)) {
          for (String point : method.getAnnotationOfType(Conformance.class).value()) {
            tests.computeIfAbsent(point, p -> new TreeSet<>()).add(method.getFullName());
          }
        }
      }
    }
    return tests;
  }

  private static Stream<String> points(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj("C-%02d"::formatted);
  }

  @Test
  void pointsThatThisReleasePromisesAllHaveTests() {
    Set<String> missing =
        Stream.of(points(1, 11), points(14, 50), points(52, 56))
            .flatMap(range -> range)
            .collect(Collectors.toCollection(TreeSet::new));

    missing.removeAll(TESTS.keySet());

    System.out.println(
        "[conformance] "
            + TESTS.size()
            + " points have tests: "
            + String.join(" ", TESTS.keySet()));
    assertEquals(Set.of(), missing);
  }

  @Test
  void numbersAreThoseOfTheList() {
    Set<String> known = points(1, 56).collect(Collectors.toSet());

    assertTrue(known.containsAll(TESTS.keySet()), TESTS.keySet().toString());
  }
}
