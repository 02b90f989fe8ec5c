package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;

/** What a JVM makes of the setting {@code kms.engine}, by what is on its path. */
class EngineChoiceTest {
  private static final List<String> NATIVE = List.of("AmazonCorretto", "conscrypt");

  private static List<String> said(Jvm started) throws Exception {
    try (Jvm jvm = started) {
      return jvm.lines();
    }
  }

  private static void assertRefused(List<String> said, String engine, String why) {
    assertEquals(1, said.size(), said.toString());
    assertTrue(
        said.get(0).startsWith("ProviderException kms.engine=" + engine + ": "), said.get(0));
    assertTrue(said.get(0).contains(why), said.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"accp", "conscrypt"})
  @Conformance("C-56")
  void engineThatIsNotOnTheClassPathIsRefused(String engine, @TempDir Path home) throws Exception {
    List<String> said = said(Jvm.onClassPath(Child.class, "engine", home.toString(), engine));

    assertRefused(said, engine, "is not on the class path or module path");
  }

  @Test
  @Conformance("C-56")
  void engineThatIsNotOnTheModulePathIsRefused(@TempDir Path home) throws Exception {
    List<String> said = said(Jvm.onModulePath(Child.class, "engine", home.toString(), "accp"));

    assertRefused(said, "accp", "is not on the class path or module path");
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "x86_64"})
  @Conformance("C-56")
  void engineWhoseLibraryDoesNotLoadIsRefusedWithTheCause(@TempDir Path home) throws Exception {
    // ACCP unpacks its library there first, and cannot into a file.
    Path file = Files.createFile(home.resolve("file"));
    List<String> options = List.of("-Djava.io.tmpdir=" + file, "-Dorg.sqlite.tmpdir=" + home);

    List<String> said =
        said(Jvm.onClassPath(options, NATIVE, Child.class, "engine", home.toString(), "accp"));

    assertRefused(said, "accp", "does not work here: ");
    assertTrue(said.get(0).contains(file.toString()), said.get(0));
  }

  @Test
  @Conformance("C-56")
  void librariesThatAreMerelyThereChooseNothing(@TempDir Path home) throws Exception {
    Path file = home.resolve("override.security");
    StringBuilder list = new StringBuilder("security.provider.1=AmazonCorrettoCryptoProvider\n");
    list.append("security.provider.2=Conscrypt\nsecurity.provider.3=BC\n");
    int at = 4;
    for (java.security.Provider provider : Security.getProviders()) {
      list.append("security.provider." + at++ + "=" + provider.getName() + "\n");
    }
    Files.writeString(file, list);
    List<String> options = List.of("-Djava.security.properties=" + file);
    List<String> all = List.of("AmazonCorretto", "conscrypt", "bcprov");

    List<String> said =
        said(Jvm.onClassPath(options, all, Child.class, "engine", home.toString(), "sunjce"));

    assertTrue(said.get(0).contains("over SunJCE "), said.toString());
    assertEquals("opened true", said.get(1));
  }

  @ParameterizedTest
  @CsvSource({"accp, AmazonCorrettoCryptoProvider 2.", "conscrypt, Conscrypt 2."})
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "x86_64"})
  @Conformance("C-56")
  void engineThatIsAModuleServesAndIsNamed(String engine, String name, @TempDir Path home)
      throws Exception {
    List<String> said =
        said(
            Jvm.onModulePath(
                List.of("--add-modules", "ALL-MODULE-PATH"),
                NATIVE,
                Child.class,
                "engine",
                home.toString(),
                engine));

    assertTrue(said.get(0).contains("over " + name), said.toString());
    assertEquals("opened true", said.get(1));
  }
}
