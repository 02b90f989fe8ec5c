package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;

/** A server whose path has no Bouncy Castle, in a JVM of its own. */
class BouncyCastleAbsentTest {
  private static final String LISTENING = "listening on ";

  @Test
  void makesAllPairsButMlDsaWhichIsRefusedWhereTheJdkLacksIt(@TempDir Path folder)
      throws Exception {
    Path home = folder.resolve("home");
    try (ServerProcess server = start(folder, home)) {
      String url = server.await(LISTENING).substring(LISTENING.length());
      ApiClient admin = ApiClient.admin(url, home);

      create(admin, "ECC_NIST_P256").ok();
      Answer answer = create(admin, "ML_DSA_44");

      if (Security.getProvider("SUN").getService("Signature", "ML-DSA") != null) {
        answer.ok();
      } else {
        answer.is(
            400,
            "BadRequest",
            "ML_DSA_44 is not available here: it needs JDK 24 or newer, or Bouncy Castle (bcprov)");
      }
    }
  }

  private static ServerProcess start(Path folder, Path home) throws Exception {
    String all = System.getProperty("java.class.path", "");
    String path =
        Arrays.stream(all.split(File.pathSeparator, -1))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("bcprov"))
            .collect(Collectors.joining(File.pathSeparator));
    assertNotEquals(all, path);
    return ServerProcess.startJava(
        folder,
        Map.of(),
        List.of("-cp", path, Main.class.getName(), "--home", home.toString(), "--port", "0"));
  }

  private static Answer create(ApiClient admin, String algorithm) throws Exception {
    Answer answer =
        admin.post(
            ApiClient.KEYS,
            ApiFixture.body(
                "{'projectId':'%s','name':'%s','keyUsage':'sign-verify','algorithm':'%s'}",
                KeyMetadata.DEFAULT_PROJECT,
                algorithm.toLowerCase(Locale.ROOT).replace('_', '-'),
                algorithm));
    assertNotEquals(500, answer.status(), answer::message);
    return answer;
  }
}
