package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Infisical's own SDK for Node, unmodified, against our server. */
class SdkIT {
  private static final String SDK = "@infisical/sdk@5.0.2";
  private static final String SCRIPT = "encrypt.mjs";

  private final Path sdk = Path.of(System.getProperty("it.sdk", "absent"));
  private final Path scripts = Path.of(System.getProperty("it.node", "absent"));

  @TempDir private Path home;

  @Test
  void logsInCreatesAKeyEncryptsAndDecrypts() throws Exception {
    install();
    try (EmbeddedServer server = EmbeddedServer.start(home, Map.of("kms.http.port", "0"))) {
      JsonNode bootstrap = ApiClient.JSON.readTree(home.resolve("bootstrap.json").toFile());
      Map<String, String> environment =
          Map.of(
              "URL", server.url(),
              "CLIENT_ID", bootstrap.get("clientId").asText(),
              "CLIENT_SECRET", bootstrap.get("clientSecret").asText(),
              "PROJECT_ID", bootstrap.get("projectId").asText());

      try (ServerProcess node = ServerProcess.start(sdk, environment, List.of("node", SCRIPT))) {
        assertEquals(0, node.awaitEnd(), () -> node.lines().toString());
        assertEquals(List.of("attack at dawn"), node.lines());
      }
    }
  }

  private void install() throws Exception {
    assumeTrue(runs(Path.of("."), "node", "--version"), "node is not installed");
    Files.createDirectories(sdk);
    Files.copy(scripts.resolve(SCRIPT), sdk.resolve(SCRIPT), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(sdk.resolve("package.json"), "{\"private\":true}");
    if (!Files.exists(sdk.resolve("node_modules/@infisical/sdk"))) {
      assumeTrue(
          runs(sdk, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", SDK),
          SDK + " cannot be installed");
    }
  }

  private static boolean runs(Path folder, String... command) throws InterruptedException {
    try (ServerProcess process = ServerProcess.start(folder, Map.of(), List.of(command))) {
      return process.awaitEnd() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
