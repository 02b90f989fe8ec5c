package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.store.Database;

/** How a JVM comes to know the provider, each in a launch of its own. */
class ServiceLoaderTest {
  private static final int NEXT = Security.getProviders().length + 1;

  private static List<String> said(Jvm started) throws Exception {
    try (Jvm jvm = started) {
      return jvm.lines();
    }
  }

  private static UUID key(Path home) throws Exception {
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      return keyring.create("orders", KeyAlgorithm.XAES_256_GCM).id();
    }
  }

  private static List<String> withProvider(Path folder, String entry) throws Exception {
    Path file = folder.resolve("override.security");
    Files.writeString(file, "security.provider." + NEXT + "=" + entry + "\n");
    return List.of("-Djava.security.properties=" + file);
  }

  @Test
  @Conformance("C-04")
  void classPathHasExactlyOne() throws Exception {
    assertEquals(List.of("KMS named=false"), said(Jvm.onClassPath(Child.class, "load")));
  }

  @Test
  @Conformance("C-04")
  void modulePathHasExactlyOne() throws Exception {
    assertEquals(List.of("KMS named=true"), said(Jvm.onModulePath(Child.class, "load")));
  }

  @Test
  @Conformance("C-05")
  void providerListOfTheJvmTakesAHomeFolder(@TempDir Path home) throws Exception {
    UUID key = key(home);
    List<String> options = withProvider(home, "KMS " + home);

    List<String> said = said(Jvm.onClassPath(options, Child.class, "search", key.toString()));

    assertEquals(List.of("opened true"), said);
  }

  @Test
  @Conformance("C-05")
  void providerListOfTheJvmTakesAPropertiesFile(@TempDir Path home) throws Exception {
    UUID key = key(home);
    Path file = Files.writeString(home.resolve("app.properties"), "kms.http.port=1\n");
    List<String> options = withProvider(home, "KMS " + file);

    List<String> said = said(Jvm.onClassPath(options, Child.class, "search", key.toString()));

    assertEquals(List.of("opened true"), said);
  }

  @Test
  @Conformance("C-05")
  void unconfiguredEntryOffersNothingAndHarmsNothing(@TempDir Path folder) throws Exception {
    List<String> options = withProvider(folder, "KMS");

    List<String> said = said(Jvm.onClassPath(options, Child.class, "others"));

    assertEquals(List.of("aes 32", "services 0", "NoSuchAlgorithmException"), said);
  }

  @Test
  @Conformance("C-05")
  void badEntryHarmsNoOtherProvider(@TempDir Path folder) throws Exception {
    List<String> options = withProvider(folder, "KMS " + folder.resolve("nowhere"));

    List<String> said = said(Jvm.onClassPath(options, Child.class, "others"));

    assertEquals("aes 32", said.get(0));
    assertEquals("NoSuchAlgorithmException", said.get(2));
  }
}
