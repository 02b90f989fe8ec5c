package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom. The list of arrows is complete, and it is not to grow: each arrow more is one
 * more place to look at before a class can be changed, and the three that matter most are those
 * that are not here. {@code auth} knows no HTTP, so who may do what is decided, and tested, without
 * a server; {@code route} knows no servlet, so a handler can neither read nor write what the
 * straight line in {@code KmsServlet} has not checked; nothing points back up. A change that seems
 * to need another arrow is in the wrong package.
 */
class ArchitectureTest {
  private static final String ROOT = "org.kms4j.servlet";

  private static final String FOREIGN = "(foreign)";

  /** From a package of ours to those of ours that it may use. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "", Set.of("errand", "route", "http", "audit", "auth"),
          "errand", Set.of("route", "http", "auth"),
          "route", Set.of("http", "auth"),
          "audit", Set.of("auth"),
          "http", Set.of("auth"),
          "auth", Set.of());

  private static final JavaClasses CLASSES = classes();

  private static JavaClasses classes() {
    // Names are enough; reading half of the JDK for its own sake takes most of a minute.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(ROOT);
  }

  @Test
  void thereIsNoOtherArrowBetweenOurPackages() {
    assertEquals(
        Set.of(),
        arrows(
            dependency -> {
              String from = ours(dependency.getOriginClass());
              String to = ours(dependency.getTargetClass());
              return !to.equals(FOREIGN)
                  && !from.equals(to)
                  && !ARROWS.getOrDefault(from, Set.of()).contains(to);
            }));
  }

  @Test
  void onlyTheTopKnowsServletsAndTomcat() {
    assertEquals(
        Set.of(),
        arrows(
            dependency ->
                !ours(dependency.getOriginClass()).isEmpty()
                    && isIn(dependency, "jakarta.servlet", "org.apache.")));
  }

  @Test
  void onlyTheEmbeddedServerKnowsTomcat() {
    Set<String> knowing =
        new TreeSet<>(
            CLASSES.stream()
                .filter(
                    c ->
                        c.getDirectDependenciesFromSelf().stream()
                            .anyMatch(d -> isIn(d, "org.apache.")))
                .map(ArchitectureTest::file)
                .toList());

    assertEquals(Set.of("EmbeddedTomcat", "JsonErrors", "VirtualWorkers"), knowing);
  }

  @Test
  void authKnowsNeitherHttpNorJson() {
    assertEquals(
        Set.of(),
        arrows(
            dependency ->
                ours(dependency.getOriginClass()).equals("auth")
                    && isIn(dependency, "jakarta.", "com.fasterxml.", "java.net.")));
  }

  /** Trees and streams do without, and the classes behind it are most of a first request's time. */
  @Test
  void nobodyKnowsTheObjectMapper() {
    assertEquals(
        Set.of(),
        arrows(dependency -> dependency.getTargetClass().getSimpleName().equals("ObjectMapper")));
  }

  @Test
  void onlyAuthKnowsJwt() {
    assertEquals(
        Set.of(),
        arrows(
            dependency ->
                !ours(dependency.getOriginClass()).equals("auth")
                    && isIn(dependency, "com.nimbusds.")));
  }

  @Test
  void routesReachNoDatabase() {
    assertEquals(
        Set.of(),
        arrows(
            dependency ->
                Set.of("route", "http").contains(ours(dependency.getOriginClass()))
                    && isIn(dependency, "org.kms4j.store", "org.kms4j.root", "java.sql")));
  }

  private Set<String> arrows(Predicate<Dependency> forbidden) {
    Set<String> found = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        if (relevant(dependency) && forbidden.test(dependency)) {
          found.add(
              dependency.getOriginClass().getName()
                  + " -> "
                  + dependency.getTargetClass().getName());
        }
      }
    }
    return found;
  }

  /** The top-level class that this one is written in. */
  private static String file(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::file).orElse(type.getSimpleName());
  }

  private static boolean relevant(Dependency dependency) {
    return !dependency.getTargetClass().isPrimitive() && !dependency.getTargetClass().isArray();
  }

  /** The name below our root, "" for the root itself. */
  private static String ours(JavaClass type) {
    String name = type.getPackageName();
    if (name.equals(ROOT)) {
      return "";
    }
    return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : FOREIGN;
  }

  private static boolean isIn(Dependency dependency, String... packages) {
    String name = dependency.getTargetClass().getPackageName();
    for (String prefix : packages) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
