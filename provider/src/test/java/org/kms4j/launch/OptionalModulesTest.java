package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.store.PostgresServer;

/** What is optional may be absent: the flight recorder, org.crac, PostgreSQL's driver. */
class OptionalModulesTest {
  private static final List<String> FEW =
      List.of("--limit-modules", "java.base,java.sql,java.logging");

  private static List<String> said(Jvm started) throws Exception {
    try (Jvm jvm = started) {
      return jvm.lines();
    }
  }

  @Test
  void allWorksWithoutTheFlightRecorder(@TempDir Path home) throws Exception {
    List<String> said = said(Jvm.onClassPath(FEW, Child.class, "record", home.toString()));

    assertEquals(List.of("jdk.jfr false", "opened true"), said);
  }

  @Test
  void allWorksAsAModuleWithoutTheFlightRecorder(@TempDir Path home) throws Exception {
    // Limited, the modules of the path must be named as well.
    List<String> few =
        List.of(
            "--limit-modules",
            "java.base,java.sql,java.logging,org.kms4j.provider,org.xerial.sqlitejdbc,org.slf4j");

    List<String> said =
        said(Jvm.onModulePath(few, List.of("slf4j-api"), Child.class, "record", home.toString()));

    assertEquals(List.of("jdk.jfr false", "opened true"), said);
  }

  @Test
  void allWorksWhileItRecords(@TempDir Path home) throws Exception {
    List<String> options =
        List.of("-XX:StartFlightRecording:filename=" + home.resolve("run.jfr"), "-Xlog:disable");

    List<String> said = said(Jvm.onClassPath(options, Child.class, "record", home.toString()));

    assertTrue(said.containsAll(List.of("jdk.jfr true", "opened true")), said.toString());
  }

  @Test
  void allWorksWithoutCrac(@TempDir Path home) throws Exception {
    List<String> said = said(Jvm.onClassPath(Child.class, "reseed", home.toString()));

    assertEquals(List.of("org.crac null", "opened true"), said);
  }

  @Test
  void allWorksWithCracOnTheClassPathAndAsAModule(@TempDir Path home) throws Exception {
    List<String> crac = List.of("crac");

    List<String> path =
        said(Jvm.onClassPath(List.of(), crac, Child.class, "reseed", home.toString()));
    List<String> module =
        said(
            Jvm.onModulePath(
                List.of("--add-modules", "org.crac"),
                crac,
                Child.class,
                "reseed",
                home.toString()));

    assertFalse(path.get(0).contains("null"), path.toString());
    assertEquals("opened true", path.get(1));
    assertEquals("opened true", module.get(1));
  }

  @Test
  void storeInPostgreSqlWithoutItsJarsNamesThem(@TempDir Path home) throws Exception {
    Files.writeString(home.resolve("kms.properties"), "kms.store=jdbc:postgresql://h/d\n");

    for (List<String> some : List.of(List.of("slf4j-api"), List.of("postgresql"))) {
      List<String> said =
          said(Jvm.onClassPath(List.of(), some, Child.class, "open", home.toString()));

      String message = String.join("\n", said);
      assertTrue(message.contains("org.postgresql:postgresql and com.zaxxer:HikariCP"), message);
    }
  }

  @Test
  void storeInPostgreSqlOpensOnTheClassPathAndAsAModule(@TempDir Path home) throws Exception {
    String url = PostgresServer.emptySchema();
    Files.writeString(home.resolve("kms.properties"), "kms.store=" + url + "\n");
    List<String> jars = List.of("postgresql", "HikariCP", "slf4j-api");
    List<String> modules = List.of("--add-modules", "com.zaxxer.hikari,org.postgresql.jdbc");

    List<String> path =
        said(Jvm.onClassPath(List.of(), jars, Child.class, "open", home.toString()));
    List<String> module =
        said(Jvm.onModulePath(modules, jars, Child.class, "open", home.toString()));

    assertEquals(List.of("opened"), path);
    assertEquals(List.of("opened"), module);
  }
}
