package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.Database;

/** The keytool of the JDK that runs the tests, as a process over a home folder. */
class KeytoolTest {
  private static final String PROVIDER = KmsProvider.class.getName();
  private static final List<String> KMS = List.of("-keystore", "NONE", "-storetype", "KMS");

  private Path folder;
  private Path home;

  @BeforeEach
  void home(@TempDir Path folder) throws Exception {
    this.folder = folder;
    this.home = Files.createDirectory(folder.resolve("home"));
    inKeyring(keyring -> keyring.create("orders", KeyAlgorithm.XAES_256_GCM));
  }

  private interface Use<T> {
    T of(Keyring keyring) throws Exception;
  }

  private <T> T inKeyring(Use<T> use) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      return use.of(keyring);
    }
  }

  private Optional<KeyMetadata> key(String name) throws Exception {
    return inKeyring(keyring -> keyring.findByName(KeyMetadata.DEFAULT_PROJECT, name));
  }

  /** What it says, on both streams; the last line is the exit code. */
  private static String keytool(List<String> options, String... command) throws Exception {
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home", ""), "bin", "keytool").toString());
    // keytool's own graph of modules lacks JDBC; the rest is for the test's sake.
    all.addAll(List.of("-J--add-modules=java.sql", "-J-Duser.language=en", "-J-Xshare:auto"));
    if (Runtime.version().feature() >= 24) {
      all.add("-J--enable-native-access=ALL-UNNAMED");
    }
    all.addAll(List.of(command));
    all.addAll(options);
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + "exit " + process.waitFor();
  }

  private static List<String> provider(Path home) {
    return List.of(
        "-providerclass",
        PROVIDER,
        "-providerarg",
        home.toString(),
        "-providerpath",
        Jvm.classPath(Jvm.classes(), Jvm.libraries()));
  }

  private String onKms(String... command) throws Exception {
    List<String> options = new ArrayList<>(KMS);
    options.add("-protected");
    options.addAll(provider(home));
    return keytool(options, command);
  }

  private static void assertSaid(String said, String... parts) {
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
  }

  @Test
  @Conformance("C-45")
  void listShowsNamesAndKinds() throws Exception {
    inKeyring(keyring -> keyring.create("sums", KeyAlgorithm.HMAC_SHA_256));

    String said = onKms("-list");

    assertSaid(said, "Keystore type: KMS", "2 entries", "orders, ", "sums, ", "exit 0");
    assertEquals(2, said.split("SecretKeyEntry", -1).length - 1, said);
  }

  @Test
  @Conformance("C-45")
  void listOfOneAliasTakesNameAndKeyId() throws Exception {
    String id = key("orders").orElseThrow().id().toString();

    assertSaid(onKms("-list", "-alias", "orders"), "orders, ", "SecretKeyEntry", "exit 0");
    assertSaid(onKms("-list", "-v", "-alias", id), "Alias name: " + id, "exit 0");
    assertSaid(onKms("-list", "-alias", "nobody"), "<nobody> does not exist", "exit 1");
  }

  @Test
  @Conformance("C-45")
  void wrongHomeIsNamed() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    List<String> options = new ArrayList<>(KMS);
    options.add("-protected");
    options.addAll(provider(nowhere));

    String said = keytool(options, "-list");

    assertSaid(said, "there is no folder or properties file " + nowhere, "exit 1");
  }

  @Test
  @Conformance("C-45")
  void keysComeFromPkcs12AndFromGenseckeyAndNoNameIsOverwritten() throws Exception {
    String file = folder.resolve("old.p12").toString();
    String password = "p" + new SecureRandom().nextLong();
    List<String> pkcs12 =
        List.of("-keystore", file, "-storetype", "PKCS12", "-storepass", password);
    String[] generate = {"-genseckey", "-keyalg", "AES", "-keysize", "256", "-alias", "moved"};
    assertSaid(keytool(pkcs12, generate), "exit 0");
    List<String> both =
        new ArrayList<>(List.of("-srckeystore", file, "-srcstorepass", password, "-noprompt"));
    both.addAll(List.of("-destkeystore", "NONE", "-deststoretype", "KMS", "-destprotected"));
    both.addAll(provider(home));

    assertSaid(keytool(both, "-importkeystore"), "alias moved successfully imported");
    assertSaid(keytool(both, "-importkeystore"), "a key named 'moved' already exists");
    generate[generate.length - 1] = "made";
    assertSaid(onKms(generate), "exit 0");

    assertEquals(KeyAlgorithm.AES_256_GCM, key("moved").orElseThrow().algorithm());
    KmsKey made = KmsKey.of(key("made").orElseThrow().id());
    int length =
        inKeyring(
            keyring -> {
              Cipher cipher = Cipher.getInstance("KMS", new KmsProvider(keyring));
              cipher.init(Cipher.ENCRYPT_MODE, made);
              return cipher.doFinal(new byte[1]).length;
            });
    assertEquals(32, length);
  }

  @Test
  @Conformance("C-45")
  void deleteIsForGoodAndChangeOfAnAliasLosesNothing() throws Exception {
    String said = onKms("-changealias", "-alias", "orders", "-destalias", "invoices");

    assertSaid(said, "is a key of KMS already", "exit 1");
    assertTrue(key("orders").isPresent());

    assertSaid(onKms("-delete", "-alias", "orders"), "exit 0");
    assertFalse(key("orders").isPresent());
  }
}
