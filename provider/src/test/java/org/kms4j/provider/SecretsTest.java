package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.WrappedKey;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.store.MemoryStore;
import org.kms4j.store.StoreException;
import org.kms4j.store.StoredKey;

/** Whatever goes wrong, nothing that is told holds a secret byte. */
class SecretsTest {
  private static final byte[] MATERIAL = KmsFixture.bytes(101, 32);
  private static final byte[] PLAINTEXT = KmsFixture.bytes(102, 48);

  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private final Logger root = Logger.getLogger("org.kms4j");
  private final Handler ear =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          told.add(record.getMessage() + Arrays.toString(record.getParameters()));
          if (record.getThrown() != null) {
            hear(record.getThrown());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    ear.setLevel(Level.ALL);
    root.setLevel(Level.ALL);
    root.addHandler(ear);
  }

  @AfterEach
  void stop() {
    root.removeHandler(ear);
    root.setLevel(null);
  }

  private void hear(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    told.add(text.toString());
  }

  private void fails(Executable work) {
    hear(assertThrows(Throwable.class, work));
  }

  @Test
  @Conformance("C-41")
  void noLogLineExceptionOrTextHoldsPlaintextOrMaterial() throws Exception {
    MemoryStore store = new MemoryStore();
    KmsFixture kms = KmsFixture.over(store);
    for (KeyAlgorithm algorithm :
        List.of(KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM, KeyAlgorithm.HMAC_SHA_256)) {
      KmsKey key = kms.imported(algorithm, MATERIAL);
      failEveryWay(kms, store, key, algorithm);
    }
    failAtTheRootKey();
    cutOff(kms, store);
    kms.close();

    assertTrue(told.size() > 40, "only " + told.size() + " texts were heard");
    assertClean("material", MATERIAL);
    assertClean("plaintext", PLAINTEXT);
  }

  private void failEveryWay(KmsFixture kms, MemoryStore store, KmsKey key, KeyAlgorithm algorithm)
      throws Exception {
    Keyring keyring = kms.keyring;
    Cipher cipher = kms.cipher();
    fails(() -> cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(MATERIAL, "AES")));
    fails(() -> keyring.importKey(key.keyId(), NewKeySpec.of("", algorithm), MATERIAL));
    fails(
        () ->
            keyring.importKey(
                UUID.randomUUID(), NewKeySpec.of("", KeyAlgorithm.AES_128_GCM), MATERIAL));
    for (KeyAlgorithm pair : List.of(KeyAlgorithm.RSA_4096, KeyAlgorithm.ML_DSA_44)) {
      fails(() -> keyring.importKey(UUID.randomUUID(), NewKeySpec.of("", pair), MATERIAL));
    }
    ResolvedKey resolved = keyring.resolve(key.keyId(), algorithm.usage());
    StoredKey stored = store.find(key.keyId()).orElseThrow();
    List<Object> shown =
        List.of(
            key,
            keyring,
            kms.provider,
            String.valueOf(kms.provider.getInfo()),
            kms.provider.getServices(),
            resolved,
            resolved.primary(),
            stored,
            stored.versions(),
            NewKeySpec.of("n", algorithm),
            new KeyIdSpec(key.keyId()),
            keyring.cache());
    shown.forEach(one -> told.add(one.toString()));
    if (algorithm.usage() == KeyUsage.ENCRYPT_DECRYPT) {
      failTheCipher(kms, key);
    }
    // A row whose flag was edited does not unwrap.
    KeyMetadata edited =
        new KeyMetadata(
            key.keyId(),
            "p",
            "n" + key.keyId(),
            "",
            algorithm,
            stored.metadata().state(),
            !stored.metadata().exportable(),
            stored.versions().size(),
            stored.metadata().createdAt(),
            stored.metadata().updatedAt());
    List<WrappedKey> versions = new ArrayList<>();
    for (WrappedKey version : stored.versions()) {
      versions.add(WrappedKey.of(edited, version.version(), version.rootKeyId(), version.bytes()));
    }
    store.forge(new StoredKey(edited, versions));
    keyring.cache().forgetAll();
    fails(() -> keyring.resolve(key.keyId(), algorithm.usage()).primary());
    keyring.delete(key.keyId());
    fails(() -> keyring.describe(key.keyId()));
  }

  private void failTheCipher(KmsFixture kms, KmsKey key) throws Exception {
    byte[] message = kms.seal(key, PLAINTEXT);
    for (int at = 0; at < message.length - 3; at += 5) {
      byte[] changed = message.clone();
      changed[at] ^= 1;
      fails(() -> kms.open(key, changed));
    }
    Cipher sealing = kms.sealing(key);
    sealing.update(PLAINTEXT);
    fails(() -> sealing.doFinal(PLAINTEXT, 0, 5, new byte[3]));
    fails(() -> sealing.updateAAD(PLAINTEXT));
    told.add(sealing.toString());
    kms.keyring.disable(key.keyId());
    fails(() -> sealing.doFinal());
    fails(() -> kms.seal(key, PLAINTEXT));
    kms.keyring.enable(key.keyId());
  }

  private void failAtTheRootKey() {
    String text = Base64.getEncoder().encodeToString(MATERIAL);
    for (String bad : List.of(text + "*", text.substring(2), text + text, "?" + text)) {
      fails(() -> EnvironmentRootKey.load("K", Map.of("K", bad)).close());
    }
    try (RootKey rootKey = EnvironmentRootKey.load("K", Map.of("K", text))) {
      told.add(rootKey + rootKey.id());
      byte[] wrapped = rootKey.wrap(PLAINTEXT, new byte[0]);
      fails(() -> rootKey.unwrap(wrapped, new byte[1]));
    }
  }

  private void cutOff(KmsFixture kms, MemoryStore store) throws Exception {
    KmsKey key = kms.imported(KeyAlgorithm.XAES_256_GCM, MATERIAL);
    kms.seal(key, PLAINTEXT);
    store.cutOff(true);
    while (true) {
      try {
        kms.seal(key, PLAINTEXT);
      } catch (StoreException e) {
        hear(e);
        break;
      }
    }
    store.cutOff(false);
  }

  private void assertClean(String what, byte[] secret) {
    List<String> spellings = new ArrayList<>();
    for (int at = 0; at + 4 <= secret.length; at++) {
      byte[] window = Arrays.copyOfRange(secret, at, at + 4);
      String decimal = Arrays.toString(window);
      spellings.add(HexFormat.of().formatHex(window));
      spellings.add(decimal.substring(1, decimal.length() - 1));
    }
    for (int at = 0; at + 6 <= secret.length; at++) {
      byte[] window = Arrays.copyOfRange(secret, at, at + 6);
      spellings.add(Base64.getEncoder().encodeToString(window));
      spellings.add(new String(window, StandardCharsets.ISO_8859_1));
      spellings.add(new String(window, StandardCharsets.UTF_8));
    }
    for (String text : told) {
      String lower = text.toLowerCase(Locale.ROOT);
      for (String spelling : spellings) {
        boolean shown = text.contains(spelling) || lower.contains(spelling);
        assertFalse(shown, () -> what + " stands in: " + text);
      }
    }
  }
}
