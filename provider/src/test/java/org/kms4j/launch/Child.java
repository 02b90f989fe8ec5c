package org.kms4j.launch;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.store.StoreException;

/** What the tests run in JVMs of their own; speaks in lines on standard output. */
public final class Child {
  private static final byte[] PLAINTEXT = new byte[16];

  private Child() {}

  /** The verb, and what it works on. */
  public static void main(String... arguments) throws Exception {
    switch (arguments[0]) {
      case "storm" -> storm(keyring(arguments[1]), Long.parseLong(arguments[2]));
      case "seal" -> seal(keyring(arguments[1]), UUID.fromString(arguments[2]));
      case "rotate" -> rotate(keyring(arguments[1]), UUID.fromString(arguments[2]));
      case "messages" ->
          messages(
              keyring(arguments[1]),
              UUID.fromString(arguments[2]),
              Integer.parseInt(arguments[3]),
              Integer.parseInt(arguments[4]));
      case "load" -> load();
      case "search" -> search(UUID.fromString(arguments[1]));
      case "others" -> others();
      case "engine" -> engine(arguments[1], arguments[2]);
      case "reseed" -> reseed(keyring(arguments[1]));
      case "record" -> record(keyring(arguments[1]));
      case "sign" -> sign(keyring(arguments[1]));
      case "open" -> open(arguments[1]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Signs with a key of each kind, and tells which it could. */
  private static void sign(Keyring keyring) throws GeneralSecurityException {
    Provider kms = new KmsProvider(keyring);
    for (KeyAlgorithm algorithm : List.of(KeyAlgorithm.ECC_NIST_P256, KeyAlgorithm.ML_DSA_65)) {
      String scheme = algorithm.standardName().equals("EC") ? "SHA256withECDSA" : "ML-DSA";
      try {
        UUID id = keyring.create(algorithm.text(), algorithm).id();
        Signature signature = Signature.getInstance(scheme, kms);
        signature.initSign(keyring.privateKey(id));
        signature.initVerify(keyring.publicKey(id));
        tell("signed " + scheme);
      } catch (ProviderException e) {
        tell("refused " + scheme + ": " + e.getMessage());
      }
    }
    tell("offers ML-DSA: " + (kms.getService("Signature", "ML-DSA") != null));
    keyring.close();
  }

  private static void open(String home) {
    try {
      keyring(home).close();
      tell("opened");
    } catch (StoreException e) {
      tell(String.valueOf(e.getMessage()));
    }
  }

  private static Keyring keyring(String home) {
    return KeyringConfig.load(Path.of(home)).open();
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Creates and rotates for ever, telling each key and version once its call has returned. */
  private static void storm(Keyring keyring, long seed) {
    for (int i = 0; i < 2; i++) {
      Random random = new Random(seed + i);
      new Thread(
              () -> {
                try {
                  stormOn(keyring, random);
                } catch (GeneralSecurityException e) {
                  tell("failed " + e);
                }
              })
          .start();
    }
  }

  private static void stormOn(Keyring keyring, Random random) throws GeneralSecurityException {
    KeyAlgorithm[] algorithms = {
      KeyAlgorithm.AES_128_GCM, KeyAlgorithm.AES_256_GCM, KeyAlgorithm.XAES_256_GCM
    };
    List<UUID> mine = new ArrayList<>();
    while (true) {
      KeyMetadata key;
      if (mine.isEmpty() || random.nextBoolean()) {
        key = keyring.create("", algorithms[random.nextInt(algorithms.length)]);
        mine.add(key.id());
      } else {
        // Not to wait for those that were killed before this one began.
        key = keyring.rotate(mine.get(random.nextInt(mine.size())), Duration.ZERO).key();
      }
      tell(key.id() + " " + key.primaryVersion());
    }
  }

  /**
   * Seals until it is refused. Tells {@code ready}, then {@code version} with the length of the
   * first longer message and when the last shorter one began, then {@code refused} and when the
   * last success began.
   */
  private static void seal(Keyring keyring, UUID id) throws GeneralSecurityException {
    Provider provider = new KmsProvider(keyring);
    KmsKey key = KmsKey.of(id);
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
    int length = 0;
    long last = 0;
    while (true) {
      long began = System.currentTimeMillis();
      try {
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] message = cipher.doFinal(PLAINTEXT);
        if (length == 0) {
          tell("ready");
        } else if (message.length != length) {
          tell("version " + last);
        }
        length = message.length;
        last = began;
      } catch (InvalidKeyException | IllegalStateException e) {
        tell("refused " + last + " " + e.getClass().getSimpleName());
        System.exit(0);
      }
    }
  }

  private static void rotate(Keyring keyring, UUID id) throws GeneralSecurityException {
    tell("ready");
    for (int i = 0; i < 25; i++) {
      tell("" + keyring.rotate(id).primaryVersion());
    }
    keyring.close();
    System.exit(0);
  }

  /**
   * Seals {@code count} messages in each of some threads and tells each in base64, with a full stop
   * behind what is whole.
   */
  private static void messages(Keyring keyring, UUID id, int threads, int count)
      throws GeneralSecurityException, InterruptedException {
    Provider provider = new KmsProvider(keyring);
    List<Thread> sealing = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < count; n++) {
                    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(id));
                    byte[] message = cipher.doFinal(PLAINTEXT);
                    tell(Base64.getEncoder().encodeToString(message) + ".");
                  }
                } catch (GeneralSecurityException e) {
                  tell("failed " + e);
                }
              });
      thread.start();
      sealing.add(thread);
    }
    for (Thread thread : sealing) {
      thread.join();
    }
    System.exit(0);
  }

  /** Tells each provider KMS that ServiceLoader finds, and whether its module has a name. */
  private static void load() {
    for (Provider provider : ServiceLoader.load(Provider.class)) {
      if (provider.getName().equals("KMS")) {
        tell("KMS named=" + provider.getClass().getModule().isNamed());
      }
    }
  }

  /** Seals and opens by search alone, as a program that knows nothing of us. */
  private static void search(UUID id) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(id));
    byte[] message = cipher.doFinal(PLAINTEXT);
    cipher.init(Cipher.DECRYPT_MODE, KmsKey.of(id));
    tell("opened " + Arrays.equals(PLAINTEXT, cipher.doFinal(message)));
    System.exit(0);
  }

  /** Tells what the provider says of itself over this engine, or why there is none. */
  private static void engine(String home, String engine) throws GeneralSecurityException {
    try {
      Keyring keyring = KeyringConfig.load(Path.of(home), Map.of("kms.engine", engine)).open();
      Provider provider = new KmsProvider(keyring);
      tell(provider.getInfo());
      roundTrip(keyring, provider);
    } catch (ProviderException e) {
      tell(e.getClass().getSimpleName() + " " + e.getMessage());
    }
    System.exit(0);
  }

  private static void roundTrip(Keyring keyring, Provider provider)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
    KmsKey key = KmsKey.of(keyring.create("", KeyAlgorithm.XAES_256_GCM).id());
    cipher.init(Cipher.ENCRYPT_MODE, key);
    byte[] message = cipher.doFinal(PLAINTEXT);
    keyring.rotate(key.keyId());
    cipher.init(Cipher.DECRYPT_MODE, key);
    tell("opened " + Arrays.equals(PLAINTEXT, cipher.doFinal(message)));
  }

  /** Tells whether org.crac is here, and whether all works. */
  private static void reseed(Keyring keyring) throws GeneralSecurityException {
    tell("org.crac " + Child.class.getResource("/org/crac/Core.class"));
    keyring.reseed();
    roundTrip(keyring, new KmsProvider(keyring));
    System.exit(0);
  }

  /** Tells whether the JVM has a flight recorder, and whether all works. */
  private static void record(Keyring keyring) throws GeneralSecurityException {
    tell("jdk.jfr " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
    roundTrip(keyring, new KmsProvider(keyring));
    System.exit(0);
  }

  /** Tells whether the rest of the JDK works, and what the search finds of ours. */
  private static void others() throws GeneralSecurityException {
    Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(PLAINTEXT, "AES"));
    tell("aes " + aes.doFinal(PLAINTEXT).length);
    Provider kms = Security.getProvider("KMS");
    tell("services " + (kms == null ? "none" : kms.getServices().size()));
    try {
      tell("found " + Cipher.getInstance("KMS/GCM/NoPadding"));
    } catch (GeneralSecurityException e) {
      tell(e.getClass().getSimpleName());
    }
  }
}
