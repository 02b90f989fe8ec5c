package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.conscrypt.Conscrypt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.DestroyedKeyException;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyUsage;
import org.kms4j.store.Database;
import org.kms4j.store.MemoryStore;

class AesEngineTest {
  private static final byte[] AAD = KmsFixture.text("bound to this");

  @AfterEach
  void computeAsEver() {
    KmsFixture.compute(AesEngine.SUN_JCE);
  }

  private static String info(KeyringConfig config) {
    try (Database database = config.openDatabase();
        Keyring keyring = config.open(database)) {
      return String.valueOf(new KmsProvider(keyring).getInfo());
    }
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "x86_64"})
  void allOfThemAreHereWhereTheTestsBringTheirLibraries() {
    for (AesEngine engine : AesEngine.values()) {
      assertSame(engine.load(), engine.load());
    }
    assertNotEquals(AesEngine.ACCP.load(), AesEngine.CONSCRYPT.load());
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-56")
  void infoOfTheProviderNamesTheEngineWithItsVersion(AesEngine engine) {
    KmsFixture.compute(engine);
    try (KmsFixture kms = KmsFixture.open()) {
      String wanted =
          switch (engine) {
            case SUN_JCE -> "SunJCE " + Runtime.version().feature();
            case ACCP -> "AmazonCorrettoCryptoProvider " + accpVersion();
            case CONSCRYPT -> "Conscrypt " + Conscrypt.version().major() + ".";
          };

      assertTrue(String.valueOf(kms.provider.getInfo()).contains("over " + wanted), wanted);
    }
  }

  private static String accpVersion() {
    return AmazonCorrettoCryptoProvider.INSTANCE.getVersionStr();
  }

  @Test
  @Conformance("C-56")
  void settingChoosesFromEverySourceAndTheLastWins(@TempDir Path home) throws Exception {
    KmsFixture.compute(AesEngine.ACCP);
    KmsFixture.compute(AesEngine.CONSCRYPT);
    Map<String, String> none = Map.of();
    Properties system = new Properties();

    assertTrue(info(KeyringConfig.load(home, none, system, none)).contains("SunJCE"));
    Files.writeString(home.resolve("kms.properties"), "kms.engine=accp\n");
    assertTrue(info(KeyringConfig.load(home, none, system, none)).contains("Corretto"));
    system.setProperty("kms.engine", "sunjce");
    assertTrue(info(KeyringConfig.load(home, none, system, none)).contains("SunJCE"));
    Map<String, String> environment = Map.of("KMS_ENGINE", "conscrypt");
    assertTrue(info(KeyringConfig.load(home, none, system, environment)).contains("Conscrypt"));
    Map<String, String> own = Map.of("kms.engine", "sunjce");
    assertTrue(info(KeyringConfig.load(home, own, system, environment)).contains("SunJCE"));
  }

  @Test
  void unknownOneIsRefusedWithThoseThatAreKnown(@TempDir Path home) {
    KeyringConfig config = KeyringConfig.load(home, Map.of("kms.engine", "ACCP"));
    try (Database database = config.openDatabase()) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> config.open(database));

      assertEquals(
          "unknown kms.engine 'ACCP', known: sunjce, accp, conscrypt", KmsFixture.message(e));
    }
    assertTrue(Files.notExists(home.resolve("root.key")), "nothing was made");
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-56")
  void keyringsWithDifferentEnginesShareAStoreAndItsMessages(AesEngine engine) throws Exception {
    MemoryStore store = new MemoryStore();
    KmsFixture.compute(AesEngine.SUN_JCE);
    KmsFixture one = KmsFixture.over(store);
    KmsFixture.compute(engine);
    try (one;
        KmsFixture other = KmsFixture.over(store)) {
      for (KeyAlgorithm algorithm :
          List.of(KeyAlgorithm.AES_128_GCM, KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM)) {
        KmsKey key = one.key(algorithm);
        for (int length : new int[] {0, 1, 16, 4_097, 8_193, 100_000}) {
          byte[] plaintext = KmsFixture.bytes(length, length);

          assertArrayEquals(plaintext, other.open(key, one.seal(key, plaintext, AAD), AAD));
          assertArrayEquals(plaintext, one.open(key, other.seal(key, plaintext, AAD), AAD));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Conformance("C-56")
  void firstProviderOfTheListDoesNotChooseTheEngine(AesEngine engine) throws Exception {
    KmsFixture.compute(engine);
    List<Provider> first = new ArrayList<>(List.of(new BouncyCastleProvider()));
    first.add(AmazonCorrettoCryptoProvider.INSTANCE);
    first.add(Conscrypt.newProvider());
    for (Provider provider : first) {
      Security.insertProviderAt(provider, 1);
      try (KmsFixture kms = KmsFixture.open()) {
        KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);

        assertArrayEquals(AAD, kms.open(key, kms.seal(key, AAD)), provider.getName());
        assertTrue(String.valueOf(kms.provider.getInfo()).endsWith(engine.load().name()));
      } finally {
        Security.removeProvider(provider.getName());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void revokedKeyIsNotUsedByAnEngineThatRemembersIt(AesEngine engine) throws Exception {
    KmsFixture.compute(engine);
    try (KmsFixture kms = KmsFixture.open()) {
      KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
      byte[] message = kms.seal(key, AAD);
      KeyMaterial material = kms.keyring.resolve(key.keyId(), KeyUsage.ENCRYPT_DECRYPT).primary();

      kms.keyring.disable(key.keyId());

      KeyMaterial.Sealing sealing = (KeyMaterial.Sealing) material;
      byte[] to = new byte[message.length];
      assertThrows(
          DestroyedKeyException.class,
          () ->
              sealing
                  .aead()
                  .open(
                      new AeadUser(),
                      message,
                      0,
                      new byte[0],
                      message,
                      12,
                      message.length - 15,
                      to,
                      0));
      assertArrayEquals(new byte[message.length], to);
    }
  }
}
