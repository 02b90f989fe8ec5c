package org.kms4j.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kms4j.root.EnvironmentRootKey;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;

class WrappedKeyTest {
  private static final UUID ID = UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f");
  private static final byte[] MATERIAL = new byte[32];

  private final RootKey rootKey =
      EnvironmentRootKey.load("K", Map.of("K", Base64.getEncoder().encodeToString(new byte[32])));

  @AfterEach
  void close() {
    rootKey.close();
  }

  private static KeyMetadata key(UUID id, KeyAlgorithm algorithm, boolean exportable) {
    Instant now = Instant.EPOCH;
    return new KeyMetadata(
        id, "project", "name", "", algorithm, KeyState.ENABLED, exportable, 1, now, now);
  }

  private static KeyMetadata notStrict(boolean exportable) {
    Instant now = Instant.EPOCH;
    KeyAlgorithm algorithm = KeyAlgorithm.AES_256_GCM;
    return new KeyMetadata(
        ID, "p", "n", "", algorithm, KeyState.ENABLED, exportable, false, 1, now, now, 0);
  }

  @Test
  void aadIsExactlyTheseBytes() {
    KeyMetadata key = key(ID, KeyAlgorithm.AES_256_GCM, true);

    byte[] aad = WrappedKey.aad(key, 0x01020304, "root-é");

    String expected =
        text("kms4j/wrapped/1")
            + "0007"
            + text("root-é")
            + "000102030405060708090a0b0c0d0e0f"
            + "01020304"
            + "000b"
            + text("aes-256-gcm")
            + "000f"
            + text("encrypt-decrypt")
            + "01";
    assertEquals(expected, HexFormat.of().formatHex(aad));
    assertArrayEquals(aad, WrappedKey.of(key, 0x01020304, "root-é", new byte[0]).aad());
  }

  private static String text(String text) {
    return HexFormat.of().formatHex(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void aadOfAMacKeyNamesItsUsage() {
    byte[] aad = WrappedKey.aad(key(ID, KeyAlgorithm.HMAC_SHA_256, false), 1, "r");

    String hex = HexFormat.of().formatHex(aad);
    assertEquals("0013" + text("generate-verify-mac") + "00", hex.substring(hex.length() - 44));
  }

  @Test
  void lastByteOfTheAadIsTheFlags() {
    assertEquals(0, lastByte(key(ID, KeyAlgorithm.AES_256_GCM, false)));
    assertEquals(1, lastByte(key(ID, KeyAlgorithm.AES_256_GCM, true)));
    assertEquals(2, lastByte(notStrict(false)));
    assertEquals(3, lastByte(notStrict(true)));
  }

  private static byte lastByte(KeyMetadata key) {
    byte[] aad = WrappedKey.aad(key, 1, "r");
    return aad[aad.length - 1];
  }

  @Test
  void changingAnyAttributeThatMattersMakesTheUnwrapFail() {
    KeyMetadata key = key(ID, KeyAlgorithm.AES_256_GCM, false);
    byte[] aad = WrappedKey.aad(key, 1, rootKey.id());
    byte[] wrapped = rootKey.wrap(MATERIAL, aad);
    Map<String, byte[]> swapped = new LinkedHashMap<>();
    swapped.put(
        "key id", WrappedKey.aad(key(new UUID(0, 1), key.algorithm(), false), 1, rootKey.id()));
    swapped.put("version", WrappedKey.aad(key, 2, rootKey.id()));
    swapped.put("root key", WrappedKey.aad(key, 1, rootKey.id() + "x"));
    for (KeyAlgorithm other : KeyAlgorithm.values()) {
      if (other != key.algorithm()) {
        swapped.put(other.text(), WrappedKey.aad(key(ID, other, false), 1, rootKey.id()));
      }
    }
    swapped.put("strict", WrappedKey.aad(notStrict(false), 1, rootKey.id()));
    swapped.put("exportable", WrappedKey.aad(key(ID, key.algorithm(), true), 1, rootKey.id()));

    swapped.forEach(
        (what, other) ->
            assertThrows(RootKeyException.class, () -> rootKey.unwrap(wrapped, other), what));

    assertArrayEquals(MATERIAL, rootKey.unwrap(wrapped, aad));
  }

  @Test
  void attributesThatMayChangeAreNotBound() {
    KeyMetadata key = key(ID, KeyAlgorithm.AES_256_GCM, false);
    KeyMetadata later =
        key.withName("other")
            .withDescription("text")
            .withState(KeyState.DISABLED)
            .withPrimaryVersion(7)
            .withUpdatedAt(Instant.MAX);

    assertArrayEquals(WrappedKey.aad(key, 1, "r"), WrappedKey.aad(later, 1, "r"));
  }

  @Test
  void bytesAreCopiedInAndOutAndDoNotShowInItsText() {
    byte[] mine = {1, 2, 3};
    WrappedKey wrapped = WrappedKey.of(key(ID, KeyAlgorithm.AES_256_GCM, false), 4, "r", mine);

    mine[0] = 9;
    wrapped.bytes()[1] = 9;

    assertArrayEquals(new byte[] {1, 2, 3}, wrapped.bytes());
    assertEquals("WrappedKey[" + ID + ", version 4, root key r]", wrapped.toString());
    assertFalse(wrapped.toString().contains("[B"));
  }
}
