package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.kms4j.conformance.Conformance;
import org.kms4j.vectors.SharedVectors;

@ParameterizedClass
@MethodSource("org.kms4j.aead.Engines#present")
class XaesTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] NO_AAD = new byte[0];

  private final Engine engine;

  XaesTest(Engine engine) {
    this.engine = engine;
  }

  private static byte[] seal(Xaes xaes, byte[] iv, byte[] aad, byte[] plaintext) {
    byte[] sealed = new byte[plaintext.length + xaes.tagBytes()];
    xaes.seal(
        new AeadUser(),
        new FixedIvSource(iv).draw(24),
        aad,
        plaintext,
        0,
        plaintext.length,
        sealed,
        0);
    return sealed;
  }

  private static byte[] open(Xaes xaes, byte[] iv, byte[] aad, byte[] sealed)
      throws AEADBadTagException {
    byte[] opened = new byte[Math.max(0, sealed.length - xaes.tagBytes())];
    xaes.open(new AeadUser(), iv, 0, aad, sealed, 0, sealed.length, opened, 0);
    return opened;
  }

  private static List<Map<String, String>> vectors(String text) {
    List<Map<String, String>> vectors = new ArrayList<>();
    Map<String, String> one = new HashMap<>();
    for (String line : text.lines().toList()) {
      if (line.isBlank() && !one.isEmpty()) {
        vectors.add(one);
        one = new HashMap<>();
      }
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith("#")) {
        one.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    vectors.add(one);
    return vectors;
  }

  private static byte[] hex(Map<String, String> vector, String field) {
    return HEX.parseHex(vector.getOrDefault(field, ""));
  }

  @Test
  @Conformance("C-53")
  void publishedVectorsWithTheirCommitments() throws Exception {
    int ran = 0;
    for (Map<String, String> vector : vectors(SharedVectors.read("xaes.txt"))) {
      if (!vector.containsKey("ct")) {
        continue;
      }
      Xaes xaes = Xaes.of(engine, hex(vector, "key"));
      byte[] expected = HEX.parseHex(vector.getOrDefault("ct", "") + vector.get("kc"));
      byte[] aad = hex(vector, "aad");
      byte[] plaintext = hex(vector, "plaintext");

      byte[] sealed = seal(xaes, hex(vector, "nonce"), aad, plaintext);

      assertArrayEquals(expected, sealed);
      assertArrayEquals(plaintext, open(xaes, hex(vector, "nonce"), aad, expected));
      ran++;
    }
    SharedVectors.ran("XAES-256-GCM with commitment", ran);
    assertEquals(2, ran);
  }

  @Test
  @Conformance("C-53")
  void accumulatedVectorOfTenThousandRounds() throws Exception {
    accumulate(10_000);
  }

  @Test
  @EnabledIfSystemProperty(named = "test.vectors", matches = "large")
  @Conformance("C-53")
  void accumulatedVectorOfAMillionRounds() throws Exception {
    accumulate(1_000_000);
  }

  private void accumulate(int rounds) throws Exception {
    String wanted =
        vectors(SharedVectors.read("xaes.txt")).stream()
            .map(vector -> vector.getOrDefault("accumulated-" + rounds, ""))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElseThrow();
    SHAKEDigest source = new SHAKEDigest(128);
    SHAKEDigest all = new SHAKEDigest(128);
    for (int i = 0; i < rounds; i++) {
      byte[] key = squeeze(source, 32);
      byte[] nonce = squeeze(source, 24);
      byte[] plaintext = squeeze(source, squeeze(source, 1)[0] & 0xFF);
      byte[] aad = squeeze(source, squeeze(source, 1)[0] & 0xFF);
      Xaes xaes = Xaes.of(engine, key);

      byte[] sealed = seal(xaes, nonce, aad, plaintext);

      all.update(sealed, 0, sealed.length - Xaes.COMMITMENT_BYTES);
      assertArrayEquals(plaintext, open(xaes, nonce, aad, sealed));
    }
    byte[] digest = new byte[32];
    all.doFinal(digest, 0, 32);
    assertEquals(wanted, HEX.formatHex(digest));
    SharedVectors.ran("XAES-256-GCM accumulated, rounds", rounds);
  }

  private static byte[] squeeze(SHAKEDigest source, int length) {
    byte[] bytes = new byte[length];
    source.doOutput(bytes, 0, length);
    return bytes;
  }

  @Test
  @Conformance("C-53")
  void wrongKeyWhoseTagWouldVerifyIsRefusedByTheCommitment() throws Exception {
    byte[] plaintext = new byte[48];
    byte[] iv = new byte[24];
    new Random(5).nextBytes(iv);
    byte[] wrong = new byte[32];
    new Random(6).nextBytes(wrong);
    byte[] sealed = seal(Xaes.of(engine, new byte[32]), iv, NO_AAD, plaintext);
    // The holder of the wrong key makes the part before the commitment verify under it.
    byte[] forged = seal(Xaes.of(engine, wrong), iv, NO_AAD, plaintext);
    int tagEnd = plaintext.length + 16;
    System.arraycopy(sealed, tagEnd, forged, tagEnd, Xaes.COMMITMENT_BYTES);

    byte[] subkey = subkey(wrong, iv);
    byte[] inner =
        openPlainly(
            AesGcm.of(engine, subkey),
            Arrays.copyOfRange(iv, 12, 24),
            Arrays.copyOf(forged, tagEnd));

    assertArrayEquals(plaintext, inner, "the tag verifies under the wrong key");
    assertThrows(AEADBadTagException.class, () -> open(Xaes.of(engine, wrong), iv, NO_AAD, forged));
    assertThrows(
        AEADBadTagException.class, () -> open(Xaes.of(engine, new byte[32]), iv, NO_AAD, forged));
  }

  private static byte[] openPlainly(AesGcm gcm, byte[] iv, byte[] sealed)
      throws AEADBadTagException {
    byte[] to = new byte[sealed.length - 16];
    gcm.open(new AeadUser(), iv, 0, NO_AAD, sealed, 0, sealed.length, to, 0);
    return to;
  }

  /** Kx by the text of the specification, for the test alone. */
  private static byte[] subkey(byte[] key, byte[] n) throws Exception {
    Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    byte[] k1 = new java.math.BigInteger(1, aes.doFinal(new byte[16])).shiftLeft(1).toByteArray();
    byte[] padded = new byte[32];
    System.arraycopy(k1, 0, padded, 32 - k1.length, k1.length);
    byte[] low = Arrays.copyOfRange(padded, 16, 32);
    low[15] ^= (byte) (padded[15] == 1 ? 0x87 : 0);
    byte[] out = new byte[32];
    for (int i = 1; i <= 2; i++) {
      byte[] block = new byte[16];
      block[1] = (byte) i;
      block[2] = 'X';
      System.arraycopy(n, 0, block, 4, 12);
      for (int b = 0; b < 16; b++) {
        block[b] ^= low[b];
      }
      System.arraycopy(aes.doFinal(block), 0, out, 16 * (i - 1), 16);
    }
    return out;
  }

  @Test
  void everyFlippedBitOfTheSealedFormAndOfTheIvIsRefused() {
    Xaes xaes = Xaes.of(engine, new byte[32]);
    byte[] iv = new byte[24];
    byte[] sealed = seal(xaes, iv, NO_AAD, new byte[20]);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(AEADBadTagException.class, () -> open(xaes, iv, NO_AAD, changed));
    }
    for (int bit = 0; bit < 24 * 8; bit++) {
      byte[] other = iv.clone();
      other[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(AEADBadTagException.class, () -> open(xaes, other, NO_AAD, sealed));
    }
  }

  @Test
  void commitmentDependsOnTheKeyAndOnTheWholeIv() {
    byte[] iv = new byte[24];
    byte[] otherIv = new byte[24];
    otherIv[23] = 1;
    byte[] otherKey = new byte[32];
    otherKey[0] = 1;

    byte[] one = commitment(new byte[32], iv);

    assertFalse(Arrays.equals(one, commitment(new byte[32], otherIv)));
    assertFalse(Arrays.equals(one, commitment(otherKey, iv)));
  }

  private byte[] commitment(byte[] key, byte[] iv) {
    byte[] sealed = seal(Xaes.of(engine, key), iv, NO_AAD, new byte[0]);
    return Arrays.copyOfRange(sealed, 16, 48);
  }

  @Test
  void destroyedKeyRefusesAndGivesTheIvBack() {
    Xaes xaes = Xaes.of(engine, new byte[32]);
    byte[] sealed = seal(xaes, new byte[24], NO_AAD, new byte[5]);
    Iv iv = new IvSource().draw(24);
    byte[] to = new byte[48 + 5];

    xaes.destroy();
    xaes.destroy();

    assertThrows(
        DestroyedKeyException.class, () -> xaes.seal(new AeadUser(), iv, NO_AAD, to, 0, 5, to, 0));
    assertThrows(DestroyedKeyException.class, () -> open(xaes, new byte[24], NO_AAD, sealed));
    Xaes.of(engine, new byte[32]).seal(new AeadUser(), iv, NO_AAD, new byte[5], 0, 5, to, 0);
    assertThrows(
        AssertionError.class,
        () ->
            Xaes.of(engine, new byte[32])
                .seal(new AeadUser(), iv, NO_AAD, new byte[5], 0, 5, to, 0));
  }

  @Test
  void keyOfAnotherLengthIsRefused() {
    for (int length : new int[] {0, 16, 24, 31, 33}) {
      assertThrows(IllegalArgumentException.class, () -> Xaes.of(engine, new byte[length]));
    }
  }

  @Test
  void tooShortIsABadTag() {
    Xaes xaes = Xaes.of(engine, new byte[32]);
    for (int length = 0; length < 48; length++) {
      byte[] sealed = new byte[length];
      assertThrows(AEADBadTagException.class, () -> open(xaes, new byte[24], NO_AAD, sealed));
    }
  }
}
