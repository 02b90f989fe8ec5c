package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.conscrypt.OpenSSLProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.store.Database;

/** What {@code KMS} is to other providers and they to it, each in a launch of its own. */
class AmongOthersTest {
  @TempDir private Path home;

  /** What the child said, by the first word of each line. */
  private static Map<String, String> said(Jvm started) throws Exception {
    try (Jvm jvm = started) {
      Map<String, String> said = new HashMap<>();
      for (String line : jvm.lines()) {
        String[] parts = line.split(" ", 2);
        said.merge(parts[0], parts[parts.length - 1], (a, b) -> a + "\n" + b);
      }
      return said;
    }
  }

  private static String of(Map<String, String> said, String word) {
    return said.getOrDefault(word, "nothing of " + word + " in " + said);
  }

  private Path pkcs12() throws Exception {
    Path file = home.resolve("tls.p12");
    String keytool = Path.of(System.getProperty("java.home", ""), "bin", "keytool").toString();
    Process made =
        new ProcessBuilder(
                List.of(
                    keytool,
                    "-genkeypair",
                    "-alias",
                    "server",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=localhost",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    AmongOthers.PASSWORD))
            .redirectErrorStream(true)
            .start();
    String output = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, made.waitFor(), output);
    return file;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 99})
  @Conformance("C-07")
  void restOfTheJdkIsServedByTheJdkWithOursInFrontAndBehind(int position) throws Exception {
    Jvm jvm =
        Jvm.onClassPath(
            AmongOthers.class,
            "jdk",
            home.toString(),
            String.valueOf(position),
            pkcs12().toString());

    Map<String, String> said = said(jvm);

    assertEquals(position == 1, of(said, "position").equals("0"));
    assertEquals("SunJCE 1016", of(said, "cipher"));
    assertEquals("SunJCE 32", of(said, "mac"));
    assertEquals("SUN 3", of(said, "random"));
    assertEquals("SunJCE RAW", of(said, "generator"));
    assertEquals("SunJSSE EC", of(said, "pkcs12").replace("SUN ", "SunJSSE "));
    assertEquals("hello-too hello TLSv1.3", of(said, "tls"));
    assertEquals("true", of(said, "ours"));
  }

  @Test
  @Conformance("C-12")
  void hundredThousandProvidersLeaveNothingInAHeapThatCouldNotHoldThem() throws Exception {
    Jvm jvm = Jvm.onClassPath(List.of("-Xmx48m"), AmongOthers.class, "instances", home.toString());

    Map<String, String> said = said(jvm);

    assertEquals("collected", of(said, "early"));
    assertTrue(Long.parseLong(of(said, "grown")) < 4_096, of(said, "grown") + " KiB");
  }

  @ParameterizedTest
  @EnumSource(names = {"AES_256_GCM", "AES_128_GCM", "XAES_256_GCM"})
  @Conformance("C-20")
  void limitedCryptoPolicyIsACleanRefusalAtInit(KeyAlgorithm algorithm) throws Exception {
    UUID key;
    KeyringConfig config = KeyringConfig.load(home);
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      key = keyring.create("", algorithm).id();
    }
    Path limited = Files.writeString(home.resolve("p"), "crypto.policy=limited\n");

    Map<String, String> said =
        said(
            Jvm.onClassPath(
                List.of("-Djava.security.properties=" + limited),
                AmongOthers.class,
                "policy",
                home.toString(),
                key.toString()));

    assertEquals("128", of(said, "aes"));
    List<String> answers = of(said, "init").lines().toList();
    assertEquals(2, answers.size());
    for (String answer : answers) {
      // The JDK refuses by the size that engineGetKeySize tells; the smaller key passes, but not
      // the root key that it is wrapped by.
      String wanted =
          algorithm.materialBytes() == 32
              ? "InvalidKeyException: Illegal key size"
              : "ProviderException: the JVM's crypto.policy allows AES keys of 128 bits";
      assertTrue(answer.startsWith(wanted), answer);
    }
  }

  @Test
  @Conformance("C-56")
  void everythingWorksWithoutBouncyCastle() throws Exception {
    Map<String, String> said =
        said(Jvm.onClassPath(AmongOthers.class, "first", home.toString(), ""));

    assertWorks(said);
    assertEquals(
        "java.lang.ClassNotFoundException: " + BouncyCastleProvider.class.getName(),
        of(
            said(
                Jvm.onClassPath(
                    AmongOthers.class,
                    "first",
                    home.toString(),
                    BouncyCastleProvider.class.getName())),
            "unavailable"),
        "it was absent indeed");
  }

  @Test
  @Conformance("C-56")
  void everythingWorksWithBouncyCastleFirst() throws Exception {
    assertWorksBehind(BouncyCastleProvider.class, "bcprov", "BC");
  }

  @Test
  @Conformance("C-56")
  void everythingWorksWithCorrettoFirst() throws Exception {
    assertWorksBehind(
        AmazonCorrettoCryptoProvider.class, "AmazonCorretto", "AmazonCorrettoCryptoProvider");
  }

  @Test
  @Conformance("C-56")
  void everythingWorksWithConscryptFirst() throws Exception {
    assertWorksBehind(OpenSSLProvider.class, "conscrypt", "Conscrypt");
  }

  private void assertWorksBehind(Class<?> provider, String jar, String name) throws Exception {
    Map<String, String> said =
        said(
            Jvm.onClassPathWith(
                jar, List.of(), AmongOthers.class, "first", home.toString(), provider.getName()));

    assumeTrue(
        !said.containsKey("unavailable"),
        () -> "skipped: no native library here, " + of(said, "unavailable"));
    assertEquals(name, of(said, "first"), "ordinary code is served by it");
    assertWorks(said);
    assertFalse(of(said, "info").contains(name), of(said, "info"));
  }

  /** All of ours, by the engine that is named. */
  private static void assertWorks(Map<String, String> said) {
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      // ML-DSA wants JDK 24 or Bouncy Castle: MlDsaTest.
      if (!algorithm.standardName().equals("ML-DSA")) {
        assertEquals("true", of(said, algorithm.text()));
      }
    }
    assertEquals("true", of(said, "factory"));
    assertTrue(of(said, "info").contains("SunJCE"), of(said, "info"));
  }
}
