package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.key.KeyAlgorithm;

/** The JDK's TLS serves under our keys. */
class TlsTest {
  private final KmsFixture kms = KmsFixture.open();

  @AfterEach
  void close() {
    Security.removeProvider(KmsProvider.NAME);
    kms.close();
  }

  @ParameterizedTest
  @CsvSource({"SHA256withRSA,RSA_4096", "SHA256withECDSA,ECC_NIST_P256"})
  @Conformance({"C-07", "C-48"})
  void serverProvesItselfByTheKey(String scheme, KeyAlgorithm algorithm) throws Exception {
    Security.addProvider(kms.provider);
    KmsPrivateKey key = kms.pair(algorithm);
    X509Certificate certificate = certificate(key, scheme);
    SSLContext serving = SSLContext.getInstance("TLS");
    serving.init(new KeyManager[] {new OneKey(key, certificate)}, null, null);
    SSLContext asking = SSLContext.getInstance("TLS");
    asking.init(null, trust(certificate).getTrustManagers(), null);
    SSLEngine server = serving.createSSLEngine();
    server.setUseClientMode(false);
    SSLEngine client = asking.createSSLEngine();
    client.setUseClientMode(true);

    shakeHands(client, server);

    assertEquals(certificate, client.getSession().getPeerCertificates()[0]);
    assertTrue(client.getSession().getProtocol().startsWith("TLSv1."));
  }

  private X509Certificate certificate(KmsPrivateKey key, String scheme) throws Exception {
    X500Principal name = new X500Principal("CN=kms4j");
    PublicKey publicKey = kms.keyring.publicKey(key.keyId());
    Date from = Date.from(Instant.now().minusSeconds(3_600));
    Date to = Date.from(Instant.now().plusSeconds(3_600));
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(name, BigInteger.ONE, from, to, name, publicKey)
                .build(new JcaContentSignerBuilder(scheme).setProvider(kms.provider).build(key)));
  }

  private static TrustManagerFactory trust(X509Certificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("server", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust;
  }

  private static void shakeHands(SSLEngine client, SSLEngine server) throws Exception {
    int bytes = client.getSession().getPacketBufferSize() * 4;
    ByteBuffer toServer = ByteBuffer.allocate(bytes);
    ByteBuffer toClient = ByteBuffer.allocate(bytes);
    client.beginHandshake();
    server.beginHandshake();
    for (int steps = 0; busy(client) || busy(server); steps++) {
      assertTrue(steps < 1_000, "the handshake does not end");
      step(client, toServer, toClient);
      step(server, toClient, toServer);
    }
  }

  private static boolean busy(SSLEngine engine) {
    return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
  }

  private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws Exception {
    ByteBuffer empty = ByteBuffer.allocate(0);
    ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    switch (engine.getHandshakeStatus()) {
      case NEED_WRAP -> engine.wrap(empty, out);
      case NEED_TASK -> {
        for (Runnable task = engine.getDelegatedTask();
            task != null;
            task = engine.getDelegatedTask()) {
          task.run();
        }
      }
      default -> {
        in.flip();
        engine.unwrap(in, plain);
        in.compact();
      }
    }
  }

  /** Serves by one key. */
  private static final class OneKey extends X509ExtendedKeyManager {
    private final PrivateKey key;
    private final X509Certificate certificate;

    OneKey(PrivateKey key, X509Certificate certificate) {
      this.key = key;
      this.certificate = certificate;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, SSLEngine engine) {
      return type.startsWith(key.getAlgorithm()) ? "one" : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {"one"};
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }
  }
}
