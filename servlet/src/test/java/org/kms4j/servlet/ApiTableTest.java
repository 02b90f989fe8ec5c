package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of {@code API.md} name every route, and tests that are there. */
class ApiTableTest extends ApiFixture {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern ROUTE = Pattern.compile("(GET|POST|PUT|PATCH|DELETE) (\\S+)");
  private static final List<String> PACKAGES = List.of("", ".auth", ".http", ".route");

  /** The rows below a heading, without that of the names and the line under it. */
  private static List<List<String>> rows(String heading) throws Exception {
    String text = Files.readString(Path.of("API.md"));
    String section = text.split("(?m)^## " + heading + "$", -1)[1].split("(?m)^## ", -1)[0];
    return section
        .lines()
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .map(line -> Arrays.asList(line.substring(1, line.length() - 1).split("\\|", -1)))
        .toList();
  }

  private static List<String> code(String cell) {
    List<String> found = new ArrayList<>();
    Matcher matcher = CODE.matcher(cell);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void everyRouteHasARowAndEveryRowARoute() throws Exception {
    Set<String> named = new TreeSet<>();
    for (List<String> row : rows("Route by route")) {
      for (String code : code(row.get(0))) {
        Matcher route = ROUTE.matcher(code);
        assertTrue(route.matches(), code);
        named.add(route.group(1) + " " + route.group(2).replaceFirst("^…", KEYS));
      }
    }
    Set<String> routes = new TreeSet<>();
    server.server().routes().all().forEach(r -> routes.add(r.method() + " " + r.path()));

    assertEquals(String.join("\n", routes), String.join("\n", named));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Route by route", "Errors"})
  void everyRowNamesTestsThatAreThere(String heading) throws Exception {
    List<List<String>> rows = rows(heading);

    assertTrue(rows.size() > 30, () -> heading + " has " + rows.size() + " rows");
    for (List<String> row : rows) {
      List<String> tests = code(row.get(row.size() - 1));
      assertFalse(tests.isEmpty(), row::toString);
      tests.forEach(test -> assertTrue(isTest(test), test));
    }
  }

  private static boolean isTest(String name) {
    int dot = name.lastIndexOf('.');
    String type = name.substring(0, Math.max(dot, 0)).replace('.', '$');
    return PACKAGES.stream().anyMatch(p -> isTest(p + "." + type, name.substring(dot + 1)));
  }

  private static boolean isTest(String type, String name) {
    try {
      Class<?> found =
          Class.forName(
              ApiTableTest.class.getPackageName() + type,
              false,
              ApiTableTest.class.getClassLoader());
      return Arrays.stream(found.getDeclaredMethods())
          .anyMatch(m -> m.getName().equals(name) && runs(m));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean runs(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class)
        || method.isAnnotationPresent(FuzzTest.class);
  }
}
