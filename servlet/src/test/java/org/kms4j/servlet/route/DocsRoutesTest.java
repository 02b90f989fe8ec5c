package org.kms4j.servlet.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsRoutesTest {
  private static final String SWAGGER = "META-INF/maven/org.webjars/swagger-ui/pom.properties";

  private static String refusal(ClassLoader loader) {
    return String.valueOf(
        assertThrows(IllegalStateException.class, () -> DocsRoutes.load(loader)).getMessage());
  }

  @Test
  void whatIsNotPackagedStopsTheStartByItsName() {
    assertEquals(SWAGGER + " is not packaged", refusal(ClassLoader.getPlatformClassLoader()));
  }

  @Test
  void soDoesAPackageOfNoVersionOrWithoutItsFiles(@TempDir Path folder) throws Exception {
    Path about = folder.resolve(SWAGGER);
    Files.createDirectories(about.getParent());
    URL[] place = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(place, ClassLoader.getPlatformClassLoader())) {
      Files.writeString(about, "artifactId=swagger-ui");
      assertEquals(SWAGGER + " names no version", refusal(loader));

      Files.writeString(about, "version=1.2.3");
      String message = refusal(loader);
      assertEquals(
          "META-INF/resources/webjars/swagger-ui/1.2.3/",
          message.replaceFirst("swagger-ui\\.css.*|swagger-ui-bundle.*", ""));
    }
  }
}
