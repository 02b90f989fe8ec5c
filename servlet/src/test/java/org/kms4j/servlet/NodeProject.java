package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A folder with our scripts for Node and the npm packages that they need, of the versions that its
 * {@code package.json} names; kept from run to run.
 *
 * <p>Where Node or npm is absent, the test is skipped and says so. Likewise where the packages are
 * out of reach, but not if {@code CI} is set: a client that nobody tried must not look like one
 * that works. No package runs a script of its own at installation.
 */
final class NodeProject {
  private static final Path SCRIPTS = Path.of(System.getProperty("it.node", "absent"));
  private static final Path INSTALLED = Path.of(System.getProperty("it.npm", "absent"));
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** npm writes it last. */
  private static final String DONE = "node_modules/.package-lock.json";

  private final Path folder;

  private NodeProject(Path folder) {
    this.folder = folder;
  }

  /** Our scripts alone, which need Node and nothing else. */
  static NodeProject bare() throws InterruptedException {
    requireCommand("node");
    return new NodeProject(SCRIPTS);
  }

  /** Our scripts beside the packages of the folder of this name. */
  static NodeProject of(String name) throws IOException, InterruptedException {
    requireCommand("node");
    requireCommand("npm");
    Path folder = INSTALLED.resolve(name);
    Files.createDirectories(folder);
    String wanted = Files.readString(SCRIPTS.resolve(name).resolve("package.json"));
    Path found = folder.resolve("package.json");
    if (!Files.exists(found) || !Files.readString(found).equals(wanted)) {
      Files.deleteIfExists(folder.resolve(DONE));
      Files.writeString(found, wanted);
    }
    if (!Files.exists(folder.resolve(DONE))) {
      install(folder);
    }
    try (DirectoryStream<Path> scripts = Files.newDirectoryStream(SCRIPTS, "*.mjs")) {
      for (Path script : scripts) {
        Path copy = folder.resolve(script.getFileName());
        Files.copy(script, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return new NodeProject(folder);
  }

  private static void install(Path folder) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            "npm",
            "install",
            "--no-package-lock",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--loglevel=error");
    try (ServerProcess npm = ServerProcess.start(folder, Map.of(), command)) {
      if (npm.awaitEnd(PATIENCE) == 0) {
        return;
      }
      String reason = "npm cannot install " + folder.getFileName();
      if (System.getenv("CI") != null) {
        fail(reason + ": " + npm.lines());
      }
      skip(reason);
    }
  }

  private static void requireCommand(String name) throws InterruptedException {
    try (ServerProcess process =
        ServerProcess.start(Path.of("."), Map.of(), List.of(name, "--version"))) {
      assertEquals(0, process.awaitEnd());
    } catch (IOException e) {
      skip(name + " is not installed");
    }
  }

  /** Skips the test, and prints why: a report alone is easily overlooked. */
  static void skip(String reason) {
    System.out.println("skipped: " + reason);
    Assumptions.abort(reason);
  }

  /** Runs a script to its end, which must be a good one, and gives what it printed. */
  List<String> run(Map<String, String> environment, String... scriptAndArguments)
      throws IOException, InterruptedException {
    try (ServerProcess node = start(environment, scriptAndArguments)) {
      assertEquals(0, node.awaitEnd(), () -> String.join("\n", node.lines()));
      return node.lines();
    }
  }

  ServerProcess start(Map<String, String> environment, String... scriptAndArguments)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("NO_PROXY", "127.0.0.1");
    all.put("no_proxy", "127.0.0.1");
    return ServerProcess.start(
        folder, all, Stream.concat(Stream.of("node"), Arrays.stream(scriptAndArguments)).toList());
  }
}
