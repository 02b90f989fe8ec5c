package org.kms4j.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the README shows, with the packaged server, in an empty folder. */
class ReadmeTest {
  @TempDir private Path folder;
  private Readme readme;
  private ServerProcess server;
  private String url;

  @BeforeEach
  void startTheServerAsTheReadmeSays() throws Exception {
    readme = Readme.read();
    String war = Readme.ROOT.resolve(readme.found("&& java -jar (\\S+\\.war)\n")).toString();
    server = ServerProcess.startWar(war, folder, Map.of(), "--port", "0");
    url = server.await("listening on ").substring("listening on ".length());
  }

  @AfterEach
  void stopTheServer() {
    server.close();
  }

  @Test
  void curlLinesPrintThePlaintext() throws Exception {
    String script = readme.block("sh", "api=").replace("http://127.0.0.1:8080", url);

    List<String> printed = run(List.of("bash", "-euo", "pipefail", "-c", script));

    assertEquals(List.of("{\"plaintext\":\"aGVsbG8=\"}"), printed);
  }

  @Test
  void javaLinesRunOnTheSameHomeBesideTheServer() throws Exception {
    String source =
        """
        import static java.nio.charset.StandardCharsets.UTF_8;
        import java.nio.file.Path;
        import java.security.Provider;
        import java.security.Signature;
        import java.util.UUID;
        import javax.crypto.Cipher;
        import org.kms4j.key.KeyAlgorithm;
        import org.kms4j.provider.*;

        class Example {
          public static void main(String[] args) throws Exception {
            %s
          }
        }
        """
            .formatted(readme.block("java", "Keyring keyring") + readme.block("java", "UUID id"));
    Path file = Files.writeString(folder.resolve("Example.java"), source, UTF_8);
    String classPath = System.getProperty("java.class.path");

    List<String> printed = run(List.of(ServerProcess.java(), "-cp", classPath, file.toString()));

    assertEquals(List.of("hello", "true"), printed.subList(printed.size() - 2, printed.size()));
  }

  @Test
  void mapNamesWhatIsThere() {
    for (String line : readme.block("", "provider/ ").lines().toList()) {
      Path parent = line.startsWith(" ") ? Readme.ROOT.resolve("provider") : Readme.ROOT;
      Matcher name = Pattern.compile("\\S+").matcher(line);
      assertTrue(name.find(), line);

      assertTrue(Files.exists(parent.resolve(name.group())), line);
    }
  }

  @Test
  void linksLeadToFiles() {
    Matcher link = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(readme.text());
    while (link.find()) {
      assertTrue(Files.exists(Readme.ROOT.resolve(link.group(1))), link.group());
    }
  }

  private List<String> run(List<String> command) throws IOException, InterruptedException {
    try (ServerProcess process = ServerProcess.start(folder, Map.of(), command)) {
      assertEquals(0, process.awaitEnd(), () -> process.lines().toString());
      return process.lines();
    }
  }
}
