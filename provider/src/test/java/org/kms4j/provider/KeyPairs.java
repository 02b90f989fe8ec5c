package org.kms4j.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.kms4j.key.KeyAlgorithm;

/** One key pair of each algorithm, from the frozen vectors, since RSA takes long to generate. */
final class KeyPairs {
  private KeyPairs() {}

  /** The material, as OpenSSL has encoded its two parts. */
  static byte[] material(KeyAlgorithm algorithm) throws IOException {
    String name = algorithm.text().toLowerCase(Locale.ROOT).replace('_', '-');
    String file = "/vectors/wrapped-" + name + ".txt";
    try (InputStream in = KeyPairs.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new AssertionError("no " + file);
      }
      String hex =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("plaintext: "))
              .findFirst()
              .orElseThrow()
              .substring("plaintext: ".length());
      return HexFormat.of().parseHex(hex);
    }
  }

  static byte[] pkcs8(KeyAlgorithm algorithm) throws IOException {
    byte[] material = material(algorithm);
    return Arrays.copyOfRange(material, 4, 4 + ByteBuffer.wrap(material).getInt());
  }

  static byte[] spki(KeyAlgorithm algorithm) throws IOException {
    byte[] material = material(algorithm);
    return Arrays.copyOfRange(material, 4 + ByteBuffer.wrap(material).getInt(), material.length);
  }
}
