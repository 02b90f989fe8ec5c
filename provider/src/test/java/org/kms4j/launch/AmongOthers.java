package org.kms4j.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.KeyIdSpec;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** A JVM in which {@code KMS} is one provider of several; speaks in lines on standard output. */
public final class AmongOthers {
  /** Of the PKCS12 file that is made for one test. */
  static final String PASSWORD = "only for a test";

  private static final byte[] PLAINTEXT = new byte[1_000];
  private static final int INSTANCES = 100_000;

  private AmongOthers() {}

  /** The verb, the home folder, and what it works on. */
  public static void main(String... arguments) throws Exception {
    Keyring keyring = KeyringConfig.load(Path.of(arguments[1])).open();
    switch (arguments[0]) {
      case "jdk" -> jdk(keyring, Integer.parseInt(arguments[2]), Path.of(arguments[3]));
      case "first" -> first(keyring, arguments[2]);
      case "policy" -> policy(keyring, UUID.fromString(arguments[2]));
      case "instances" -> instances(keyring);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(0);
  }

  private static void tell(String what, Object answer) {
    System.out.println(what + " " + answer);
    System.out.flush();
  }

  /** Tells who serves ordinary code, with ours at this position. */
  private static void jdk(Keyring keyring, int position, Path pkcs12) throws Exception {
    Security.insertProviderAt(new KmsProvider(keyring), position);
    tell("position", Arrays.asList(Security.getProviders()).indexOf(Security.getProvider("KMS")));
    SecretKeySpec aes = new SecretKeySpec(new byte[16], "AES");
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, aes);
    tell("cipher", cipher.getProvider().getName() + " " + cipher.doFinal(PLAINTEXT).length);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(aes);
    tell("mac", mac.getProvider().getName() + " " + mac.doFinal(PLAINTEXT).length);
    SecureRandom random = new SecureRandom();
    tell("random", random.getProvider().getName() + " " + random.generateSeed(3).length);
    KeyGenerator generator = KeyGenerator.getInstance("AES");
    tell(
        "generator", generator.getProvider().getName() + " " + generator.generateKey().getFormat());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(pkcs12)) {
      store.load(in, PASSWORD.toCharArray());
    }
    Key key = store.getKey("server", PASSWORD.toCharArray());
    tell("pkcs12", store.getProvider().getName() + " " + key.getAlgorithm());
    tell("tls", handshake(store));
    tell("ours", sealsAndOpens(Cipher.getInstance("KMS"), keyring, KeyAlgorithm.XAES_256_GCM));
  }

  /** A line there and back over TLS on the loopback; tells the protocol. */
  private static String handshake(KeyStore store) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (SSLServerSocket server =
        (SSLServerSocket) tls.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
      Future<String> heard = pool.submit(() -> answer(server));
      try (SSLSocket client =
          (SSLSocket) tls.getSocketFactory().createSocket(loopback, server.getLocalPort())) {
        client.startHandshake();
        say(client, "hello");
        return hear(client) + " " + heard.get() + " " + client.getSession().getProtocol();
      }
    } finally {
      pool.shutdown();
    }
  }

  private static String answer(SSLServerSocket server) throws IOException {
    try (Socket socket = server.accept()) {
      String heard = hear(socket);
      say(socket, heard + "-too");
      return heard;
    }
  }

  private static void say(Socket to, String line) throws IOException {
    new PrintWriter(to.getOutputStream(), true, StandardCharsets.US_ASCII).println(line);
  }

  private static String hear(Socket from) throws IOException {
    InputStreamReader in = new InputStreamReader(from.getInputStream(), StandardCharsets.US_ASCII);
    return String.valueOf(new BufferedReader(in).readLine());
  }

  /** Puts the provider of this class in front, and tells whether all of ours works. */
  private static void first(Keyring keyring, String provider) throws Exception {
    if (!provider.isEmpty()) {
      try {
        Class<?> type = Class.forName(provider);
        Security.insertProviderAt((Provider) type.getDeclaredConstructor().newInstance(), 1);
        tell("first", Cipher.getInstance("AES/GCM/NoPadding").getProvider().getName());
      } catch (LinkageError | ReflectiveOperationException | GeneralSecurityException e) {
        tell("unavailable", e);
        return;
      }
    }
    KmsProvider kms = new KmsProvider(keyring);
    tell("info", kms.getInfo());
    tell("jdk", Runtime.version());
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      if (!algorithm.standardName().equals("ML-DSA")) {
        tell(algorithm.text(), works(kms, algorithm));
      }
    }
    Key made = KeyGenerator.getInstance("KMS", kms).generateKey();
    KeyIdSpec id = new KeyIdSpec(((KmsKey) made).keyId());
    tell("factory", SecretKeyFactory.getInstance("KMS", kms).generateSecret(id).equals(made));
  }

  private static boolean works(KmsProvider kms, KeyAlgorithm algorithm) throws Exception {
    UUID id = kms.keyring().create("", algorithm).id();
    return switch (algorithm.usage()) {
      case ENCRYPT_DECRYPT ->
          sealsAndOpens(Cipher.getInstance("KMS", kms), kms.keyring(), algorithm);
      case GENERATE_VERIFY_MAC -> {
        Mac mac = Mac.getInstance(algorithm.standardName(), kms);
        mac.init(KmsKey.of(id));
        yield mac.doFinal(PLAINTEXT).length == mac.getMacLength();
      }
      case SIGN_VERIFY -> signsAndVerifies(kms, id, algorithm);
    };
  }

  private static boolean signsAndVerifies(KmsProvider kms, UUID id, KeyAlgorithm algorithm)
      throws GeneralSecurityException {
    String name =
        switch (algorithm.standardName()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> algorithm.standardName();
        };
    Signature signature = Signature.getInstance(name, kms);
    signature.initSign(kms.keyring().privateKey(id));
    signature.update(PLAINTEXT);
    byte[] signed = signature.sign();
    signature.initVerify(kms.keyring().publicKey(id));
    signature.update(PLAINTEXT);
    return signature.verify(signed);
  }

  private static boolean sealsAndOpens(Cipher cipher, Keyring keyring, KeyAlgorithm algorithm)
      throws GeneralSecurityException {
    KmsKey key = KmsKey.of(keyring.create("", algorithm).id());
    cipher.init(Cipher.ENCRYPT_MODE, key);
    byte[] message = cipher.doFinal(PLAINTEXT);
    cipher.init(Cipher.DECRYPT_MODE, key);
    return Arrays.equals(PLAINTEXT, cipher.doFinal(message));
  }

  /** Tells how {@code init} and {@code doFinal} answer under the policy of this JVM. */
  private static void policy(Keyring keyring, UUID keyId) throws GeneralSecurityException {
    tell("aes", Cipher.getMaxAllowedKeyLength("AES"));
    KmsProvider kms = new KmsProvider(keyring);
    for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
      Cipher cipher = Cipher.getInstance("KMS", kms);
      try {
        cipher.init(mode, KmsKey.of(keyId));
        tell("init", cipher.doFinal(PLAINTEXT).length);
      } catch (InvalidKeyException | ProviderException e) {
        tell("init", e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  /** Makes many providers over one keyring, and tells what is left of them. */
  private static void instances(Keyring keyring) throws GeneralSecurityException {
    WeakReference<Provider> early = new WeakReference<>(instance(keyring));
    for (int i = 0; i < 1_000; i++) {
      instance(keyring);
    }
    long before = usedBytes();
    for (int i = 0; i < INSTANCES; i++) {
      instance(keyring);
    }
    long after = usedBytes();
    tell("early", early.get() == null ? "collected" : "is still there");
    tell("grown", (after - before) / 1_024);
  }

  private static Provider instance(Keyring keyring) throws GeneralSecurityException {
    Provider provider = new KmsProvider(keyring);
    return Cipher.getInstance("KMS/GCM/NoPadding", provider).getProvider();
  }

  private static long usedBytes() {
    // The JDK's own tables of providers are cleaned as references are found to be dead.
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
