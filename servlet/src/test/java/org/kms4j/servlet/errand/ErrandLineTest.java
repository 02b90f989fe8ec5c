package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.key.KeyMetadata;

/** Command lines that begin with a verb. */
class ErrandLineTest {
  private static final UUID ONE = UUID.fromString("11111111-1111-4111-8111-111111111111");
  private static final UUID TWO = UUID.fromString("22222222-2222-4222-8222-222222222222");

  private static ErrandLine parse(String line) {
    return ErrandLine.parse(List.of(line.split(" ", -1)), Map.of());
  }

  @Test
  void verbsAreKnown() {
    assertTrue(ErrandLine.isVerb("import-infisical"));
    assertTrue(ErrandLine.isVerb("export-infisical"));
    assertTrue(ErrandLine.isVerb("migrate"));
    assertFalse(ErrandLine.isVerb("import"));
    assertFalse(ErrandLine.isVerb("--port"));
  }

  @Test
  void anImportNamesItsFile() {
    ErrandLine line = parse("import-infisical keys.json --home h");

    assertEquals(Optional.of("h"), line.home());
    assertEquals(
        new ImportFile(Path.of("keys.json"), KeyMetadata.DEFAULT_PROJECT, false), line.errand());
  }

  @Test
  void aDatabaseStandsInPlaceOfTheFileAndItsSecretsAreNotShown() {
    Map<String, String> environment = Map.of("ENCRYPTION_KEY", "SECRET");
    Errand errand =
        ErrandLine.parse(
                List.of("import-infisical", "--from", "jdbc:postgresql://h/d?password=SECRET"),
                environment)
            .errand();

    assertEquals(
        new ImportDatabase(
            "jdbc:postgresql://h/d?password=SECRET", Optional.empty(), false, environment),
        errand);
    assertFalse(errand.toString().contains("SECRET"));
  }

  @Test
  void optionsStandAnywhere() {
    assertEquals(
        new ImportFile(Path.of("f"), "p", true),
        parse("import-infisical --good-only --project p f").errand());
  }

  @Test
  void anExportMayNameKeys() {
    ErrandLine line =
        parse("export-infisical f --key %s --key %s --newest-only".formatted(ONE, TWO));

    assertEquals(Optional.empty(), line.home());
    assertEquals(
        new ExportFile(Path.of("f"), KeyMetadata.DEFAULT_PROJECT, Set.of(ONE, TWO), false, true),
        line.errand());
  }

  @Test
  void aMoveNamesWhereFromAndWhereTo() {
    assertEquals(
        new Migrate("h", "jdbc:postgresql://h/d", Optional.of("k")),
        parse("migrate --to jdbc:postgresql://h/d --from h --home k").errand());
  }

  @ParameterizedTest
  @CsvSource({
    "import-infisical,no file was named",
    "import-infisical a --from u,not both",
    "import-infisical a b,not 'b' besides",
    "import-infisical a --key 1,unknown option '--key'",
    "import-infisical a --project,--project wants a value",
    "import-infisical a --project p --project q,--project is given twice",
    "migrate --from a,migrate wants --to",
    "migrate --to a,migrate wants --from",
    "migrate a --to b,stands behind neither",
    "export-infisical a --key 1,--key wants a key id",
    "export-infisical a --port 1,unknown option '--port'"
  })
  void whatIsWrongIsNamed(String line, String named) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> parse(line)).getMessage());

    assertTrue(message.contains(named), message);
  }
}
