package org.kms4j.servlet.route;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.kms4j.key.KeyAlgorithm;

/**
 * Key material as the API and its files have it, before base64: a symmetric key as it is, RSA and
 * EC as the text of a PKCS#8 PEM file (RFC 7468), ML-DSA in PKCS#8 DER.
 *
 * <p>What is given and what is returned is the caller's to wipe.
 */
public final class MaterialForm {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";
  private static final int LINE_CHARS = 64;

  /** The standard names of the keys that are PEM. */
  private static final Set<String> PEM = Set.of("RSA", "EC");

  private MaterialForm() {}

  /** From what a keyring exports. */
  public static byte[] of(KeyAlgorithm algorithm, byte[] material) {
    if (!PEM.contains(algorithm.standardName())) {
      return material.clone();
    }
    byte[] lines = Base64.getMimeEncoder(LINE_CHARS, new byte[] {'\n'}).encode(material);
    ByteArrayOutputStream pem = new WipedStream();
    pem.writeBytes((BEGIN + "\n").getBytes(StandardCharsets.US_ASCII));
    pem.writeBytes(lines);
    pem.writeBytes(("\n" + END + "\n").getBytes(StandardCharsets.US_ASCII));
    Arrays.fill(lines, (byte) 0);
    byte[] text = pem.toByteArray();
    pem.reset();
    return text;
  }

  /**
   * To what a keyring imports.
   *
   * @throws InvalidKeyException if it is no private key in the form that the algorithm wants
   */
  public static byte[] read(KeyAlgorithm algorithm, byte[] given) throws InvalidKeyException {
    if (!PEM.contains(algorithm.standardName())) {
      return given.clone();
    }
    byte[] der = pem(given);
    for (String name : PEM) {
      if (isPrivateKey(name, der)) {
        return der;
      }
    }
    Arrays.fill(der, (byte) 0);
    throw notPem();
  }

  private static byte[] pem(byte[] given) throws InvalidKeyException {
    String text = new String(given, StandardCharsets.ISO_8859_1);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw notPem();
    }
    String lines = text.substring(begin + BEGIN.length(), end).replaceAll("\\s", "");
    try {
      return Base64.getDecoder().decode(lines);
    } catch (IllegalArgumentException e) {
      throw notPem();
    }
  }

  private static boolean isPrivateKey(String name, byte[] der) {
    try {
      KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(der));
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Without a cause: nobody promises that its text has no byte of the key. */
  private static InvalidKeyException notPem() {
    return new InvalidKeyException(
        "Invalid private key material. Expected a PKCS8 PEM-encoded private key.");
  }

  /** Leaves nothing behind when it is reset. */
  private static final class WipedStream extends ByteArrayOutputStream {
    @Override
    public synchronized void reset() {
      Arrays.fill(buf, (byte) 0);
      super.reset();
    }
  }
}
