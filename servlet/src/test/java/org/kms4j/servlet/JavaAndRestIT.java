package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.provider.KmsProvider;

/** One home, a server and a Java program on it at the same time. */
class JavaAndRestIT {
  private static final String WAR = System.getProperty("it.war", "absent");

  @TempDir private Path folder;

  @Test
  void whatTheServerSealsAProgramOpensAndTheReverse() throws Exception {
    Path home = folder.resolve("home");
    try (ServerProcess server =
        ServerProcess.startWar(WAR, folder, Map.of(), "--home", home.toString(), "--port", "0")) {
      String url = server.await("listening on ").substring("listening on ".length());
      ApiClient admin = ApiClient.admin(url, home);
      for (String algorithm : List.of("aes-256-gcm", "xaes-256-gcm")) {
        String keyId = admin.createKey("shared-" + algorithm, algorithm);
        String sealedHere = admin.seal(keyId, "attack at dawn".getBytes(StandardCharsets.UTF_8));

        assertEquals("attack at dawn", program(home, keyId, "open", sealedHere));
        String sealedThere = program(home, keyId, "seal", "retreat at dusk");
        assertEquals(
            "retreat at dusk", new String(admin.open(keyId, sealedThere), StandardCharsets.UTF_8));
      }
    }
  }

  private String program(Path home, String keyId, String verb, String text) throws Exception {
    String classPath =
        place(KmsProvider.class)
            + ":"
            + place(Class.forName("org.sqlite.JDBC"))
            + ":"
            + place(PlainJava.class);
    List<String> arguments =
        List.of("-cp", classPath, PlainJava.class.getName(), home.toString(), keyId, verb, text);
    try (ServerProcess program = ServerProcess.startJava(folder, Map.of(), arguments)) {
      assertEquals(0, program.awaitEnd(), () -> program.lines().toString());
      List<String> lines = program.lines();
      return lines.get(lines.size() - 1);
    }
  }

  private static String place(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
