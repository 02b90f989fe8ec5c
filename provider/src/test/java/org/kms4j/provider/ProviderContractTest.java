package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyStateException;

class ProviderContractTest {
  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    Security.removeProvider(KmsProvider.NAME);
    kms.close();
  }

  @Test
  @Conformance("C-01")
  void cipherIsFoundUnderEachNameInAnyCaseByObjectByNameAndBySearch() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    Security.addProvider(kms.provider);
    for (String name :
        List.of("KMS/GCM/NoPadding", "KMS", "kms/gcm/nopadding", "Kms", "kMs/GcM/NOPADDING")) {
      for (Cipher cipher :
          List.of(
              Cipher.getInstance(name, kms.provider),
              Cipher.getInstance(name, KmsProvider.NAME),
              Cipher.getInstance(name))) {
        cipher.init(Cipher.ENCRYPT_MODE, key);

        assertEquals(name, cipher.getAlgorithm());
        assertSame(kms.provider, cipher.getProvider());
        assertEquals(1, kms.open(key, cipher.doFinal(new byte[1])).length);
      }
    }
  }

  @Test
  @Conformance("C-02")
  void whatIsNotOfferedIsNoSuchAlgorithm() {
    Security.addProvider(kms.provider);
    for (String name : List.of("KMS/GCM", "KMS/CBC/NoPadding", "KMS/ECB/PKCS5Padding", "KMSX")) {
      assertThrows(
          NoSuchAlgorithmException.class, () -> Cipher.getInstance(name, kms.provider), name);
      assertThrows(NoSuchAlgorithmException.class, () -> Cipher.getInstance(name), name);
    }
  }

  @Test
  @Conformance("C-02")
  void paddingThatIsNotOfferedIsNamedByTheJdk() {
    Security.addProvider(kms.provider);
    for (String name : List.of("KMS/GCM/PKCS5Padding", "KMS/GCM/NoPadding/More")) {
      // The JDK's own difference between a search and a provider that was named.
      assertThrows(NoSuchAlgorithmException.class, () -> Cipher.getInstance(name));
      assertThrows(NoSuchPaddingException.class, () -> Cipher.getInstance(name, kms.provider));
    }
  }

  @Test
  @Conformance("C-02")
  void emptyModeAndPaddingAreJudgedByTheJdkBeforeAnyProviderIsAsked() {
    // JDK 17 reads "AES//" as "AES", JDK 25 refuses it: no provider has a say.
    for (String parts : List.of("/", "//")) {
      assertEquals(isKnown("AES" + parts), isKnown("KMS" + parts), parts);
    }
  }

  private boolean isKnown(String name) {
    Provider provider = name.startsWith("AES") ? Security.getProvider("SunJCE") : kms.provider;
    try {
      return Cipher.getInstance(name, provider).getAlgorithm().equals(name);
    } catch (GeneralSecurityException e) {
      assertEquals(NoSuchAlgorithmException.class, e.getClass());
      return false;
    }
  }

  @Test
  @Conformance("C-03")
  void everyServiceMakesItsSpiWithoutReflectionAndTakesNoParameter() throws Exception {
    Set<Provider.Service> services = kms.provider.getServices();
    for (Provider.Service service : services) {
      Object spi = service.newInstance(null);

      assertEquals(service.getClassName(), spi.getClass().getName());
      assertFalse(Modifier.isPublic(spi.getClass().getModifiers()), "SPIs are package-private");
      assertNotSame(spi, service.newInstance(null));
      assertNotSame(Provider.Service.class, service.getClass());
      assertThrows(InvalidParameterException.class, () -> service.newInstance("anything"));
    }
    assertEquals(
        Set.of(
            "Cipher.KMS",
            "Cipher.KMS/GCM/NoPadding",
            "Mac.HmacSHA1",
            "Mac.HmacSHA224",
            "Mac.HmacSHA256",
            "Mac.HmacSHA384",
            "Mac.HmacSHA512",
            "Signature.SHA256withRSA",
            "Signature.SHA384withRSA",
            "Signature.SHA512withRSA",
            "Signature.RSASSA-PSS",
            "Signature.NONEwithRSA",
            "Signature.SHA256withECDSA",
            "Signature.SHA384withECDSA",
            "Signature.SHA512withECDSA",
            "Signature.NONEwithECDSA",
            "Signature.ML-DSA",
            "Signature.ML-DSA-44",
            "Signature.ML-DSA-65",
            "Signature.ML-DSA-87",
            "KeyGenerator.KMS",
            "KeyPairGenerator.KMS",
            "SecretKeyFactory.KMS",
            "KeyStore.KMS"),
        services.stream()
            .map(service -> service.getType() + "." + service.getAlgorithm())
            .collect(Collectors.toSet()));
    assertNotNull(Cipher.getInstance("KMS", kms.provider));
    assertNotNull(Mac.getInstance("HmacSHA256", kms.provider));
    assertNotNull(KeyGenerator.getInstance("KMS", kms.provider));
    assertNotNull(SecretKeyFactory.getInstance("KMS", kms.provider));
    assertNotNull(KeyStore.getInstance("KMS", kms.provider));
  }

  @Test
  @Conformance("C-06")
  void configureGivesAnotherInstanceAndLeavesTheReceiverAsItWas(@TempDir Path home) {
    KmsProvider raw = new KmsProvider();
    assertFalse(raw.isConfigured());
    assertTrue(raw.getServices().isEmpty());
    assertThrows(IllegalStateException.class, raw::keyring);

    Provider configured = raw.configure(home.toString());

    assertNotSame(raw, configured);
    assertFalse(raw.isConfigured());
    assertTrue(raw.getServices().isEmpty());
    assertTrue(configured.isConfigured());
    assertFalse(configured.getServices().isEmpty());
    assertTrue(Files.exists(home.resolve("kms.db")));
  }

  @Test
  @Conformance("C-05")
  void configureNamesWhatIsWrong(@TempDir Path home) throws Exception {
    KmsProvider raw = new KmsProvider();
    Path file = Files.writeString(home.resolve("some.properties"), "kms.stroe=x\n");
    Path nowhere = home.resolve("nowhere");

    InvalidParameterException unknown =
        assertThrows(InvalidParameterException.class, () -> raw.configure(file.toString()));
    InvalidParameterException missing =
        assertThrows(InvalidParameterException.class, () -> raw.configure(nowhere.toString()));

    assertTrue(KmsFixture.message(unknown).contains("kms.stroe"), KmsFixture.message(unknown));
    assertTrue(KmsFixture.message(missing).contains("nowhere"), KmsFixture.message(missing));
    assertThrows(InvalidParameterException.class, () -> raw.configure("\0"));
  }

  @Test
  @Conformance("C-07")
  void restOfTheJdkWorksWithTheProviderInFrontAndBehind() throws Exception {
    for (int position : new int[] {1, Security.getProviders().length + 1}) {
      Security.removeProvider(KmsProvider.NAME);
      Security.insertProviderAt(kms.provider, position);

      Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
      aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[16], "AES"));
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(new byte[16], "HmacSHA256"));
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);

      assertEquals(17, aes.doFinal(new byte[1]).length);
      assertEquals(32, mac.doFinal().length);
      assertNotSame(kms.provider, aes.getProvider());
      assertNotSame(kms.provider, mac.getProvider());
      assertNotSame(kms.provider, new SecureRandom().getProvider());
      assertNotNull(SSLContext.getDefault().getSupportedSSLParameters());
    }
  }

  @Test
  @Conformance("C-08")
  void servicesTakeOurHandlesAlone() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.AES_256_GCM);
    KmsPrivateKey privateKey = kms.pair(KeyAlgorithm.ECC_NIST_P256);
    for (Provider.Service service : kms.provider.getServices()) {
      boolean signs = service.getType().equals("Signature");
      assertFalse(service.supportsParameter(new SecretKeySpec(new byte[16], "AES")));
      assertFalse(service.supportsParameter(kms.keyring.publicKey(privateKey.keyId())));
      assertFalse(service.supportsParameter(null));
      assertEquals(!signs, service.supportsParameter(key));
      assertEquals(signs, service.supportsParameter(privateKey));
    }
    assertEquals(
        KmsKey.class.getName(),
        kms.provider.getService("Cipher", "KMS").getAttribute("SupportedKeyClasses"));
  }

  @Test
  @Conformance("C-09")
  void foreignKeyIsRefusedByTheSearchToo() throws Exception {
    Security.addProvider(kms.provider);
    Cipher cipher = Cipher.getInstance("KMS");
    SecretKeySpec foreign = new SecretKeySpec(KmsFixture.text("0123456789abcdef"), "AES");

    InvalidKeyException e =
        assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, foreign));

    assertFalse(KmsFixture.message(e).contains("0123456789abcdef"));
  }

  @Test
  @Conformance("C-10")
  void twoProvidersShareNothing() throws Exception {
    KmsKey key = kms.key(KeyAlgorithm.XAES_256_GCM);
    byte[] message = kms.seal(key, new byte[3]);
    try (KmsFixture other = KmsFixture.open()) {

      KeyNotFoundException e =
          assertThrows(KeyNotFoundException.class, () -> other.open(key, message));

      assertEquals(key.keyId(), e.keyId());
      assertEquals(0, other.keyring.cache().size());
      assertNotSame(kms.keyring.ivs(), other.keyring.ivs());
    }
    assertArrayEquals(new byte[3], kms.open(key, message), "the other's close is not ours");
  }

  @Test
  @Conformance("C-10")
  void sameKeyIdInTwoKeyringsIsTwoKeys() throws Exception {
    UUID id = UUID.randomUUID();
    for (KeyAlgorithm algorithm : List.of(KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM)) {
      try (KmsFixture one = KmsFixture.open();
          KmsFixture two = KmsFixture.open()) {
        one.keyring.importKey(id, NewKeySpec.of("", algorithm), KmsFixture.bytes(1, 32));
        two.keyring.importKey(id, NewKeySpec.of("", algorithm), KmsFixture.bytes(2, 32));
        KmsKey handle = KmsKey.of(id);
        byte[] message = one.seal(handle, new byte[7]);
        two.seal(handle, new byte[7]);

        assertThrows(AEADBadTagException.class, () -> two.open(handle, message));
        two.keyring.disable(id);

        assertArrayEquals(new byte[7], one.open(handle, message), "disabled in the other alone");
        assertThrows(KeyStateException.class, () -> two.seal(handle, new byte[7]));
      }
    }
  }

  @Test
  @Conformance("C-11")
  void providerRefusesToBeSerialised() throws Exception {
    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
      assertThrows(NotSerializableException.class, () -> out.writeObject(kms.provider));
      assertThrows(NotSerializableException.class, () -> out.writeObject(new KmsProvider()));
    }
  }

  @Test
  @Conformance("C-56")
  void infoNamesTheEngineInUse() {
    String info = kms.provider.getInfo();

    assertTrue(info.contains("SunJCE"), info);
    assertEquals("KMS", kms.provider.getName());
  }

  @Test
  void keyringOfTheProviderIsTheOneItWasGiven() throws GeneralSecurityException {
    KmsKey key = kms.key(KeyAlgorithm.AES_128_GCM);

    assertSame(kms.keyring, kms.provider.keyring());
    assertNotEquals(0, kms.provider.keyring().describe(key.keyId()).primaryVersion());
  }
}
