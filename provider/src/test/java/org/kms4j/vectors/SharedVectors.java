package org.kms4j.vectors;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The large public test suites, which lie beside the project; a test that wants one is skipped
 * where the folder is not.
 */
public final class SharedVectors {
  private SharedVectors() {}

  /** The content of a file below {@code vectors/}. */
  public static String read(String name) throws IOException {
    String wanted = System.getProperty("kms.shared", "../shared");
    Path file =
        Stream.of(wanted, "../../shared")
            .map(folder -> Path.of(folder, "vectors", name))
            .filter(Files::isRegularFile)
            .findFirst()
            .orElse(Path.of(""));
    assumeTrue(Files.isRegularFile(file), "skipped: no vectors/" + name + " in " + wanted);
    return Files.readString(file);
  }

  /** Says how many vectors were run. */
  public static void ran(String suite, int count) {
    System.out.println("[vectors] " + suite + ": " + count + " ran");
  }
}
