package org.kms4j.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every root key promises. */
abstract class RootKeyContract {
  private static final byte[] AAD = {1, 2, 3};

  /** Opens the root key of these 32 bytes, again and again. */
  abstract RootKey open(byte... key) throws Exception;

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void wrapUnwrapsUnderTheSameAad() throws Exception {
    try (RootKey root = open(bytes(1, 32))) {
      for (int length : new int[] {0, 1, 16, 32, 64, 5_000}) {
        byte[] material = bytes(length, length);

        byte[] wrapped = root.wrap(material, AAD);

        assertArrayEquals(bytes(length, length), material, "left as it was");
        assertArrayEquals(material, root.unwrap(wrapped, AAD));
        assertArrayEquals(root.unwrap(wrapped, AAD), root.unwrap(root.wrap(material, AAD), AAD));
      }
    }
  }

  @Test
  void sameKeyHasTheSameIdAndAnotherAnother() throws Exception {
    try (RootKey one = open(bytes(1, 32));
        RootKey same = open(bytes(1, 32));
        RootKey other = open(bytes(2, 32))) {
      assertEquals(one.id(), same.id());
      assertNotEquals(one.id(), other.id());
      assertArrayEquals(new byte[5], same.unwrap(one.wrap(new byte[5], AAD), AAD));
    }
  }

  @Test
  void twoWrapsOfOneMaterialDiffer() throws Exception {
    try (RootKey root = open(bytes(1, 32))) {
      assertFalse(Arrays.equals(root.wrap(new byte[32], AAD), root.wrap(new byte[32], AAD)));
    }
  }

  @Test
  void everyChangedBitAndEveryOtherLengthIsRefused() throws Exception {
    try (RootKey root = open(bytes(1, 32))) {
      byte[] wrapped = root.wrap(new byte[32], AAD);
      for (int bit = 0; bit < wrapped.length * 8; bit++) {
        byte[] changed = wrapped.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        assertThrows(RootKeyException.class, () -> root.unwrap(changed, AAD));
      }
      for (int length = 0; length < wrapped.length; length++) {
        byte[] cut = Arrays.copyOf(wrapped, length);
        assertThrows(RootKeyException.class, () -> root.unwrap(cut, AAD));
      }
      byte[] longer = Arrays.copyOf(wrapped, wrapped.length + 1);
      assertThrows(RootKeyException.class, () -> root.unwrap(longer, AAD));
    }
  }

  @Test
  void otherAadAndOtherRootKeyAreRefused() throws Exception {
    try (RootKey root = open(bytes(1, 32));
        RootKey other = open(bytes(2, 32))) {
      byte[] wrapped = root.wrap(new byte[32], AAD);

      assertThrows(RootKeyException.class, () -> root.unwrap(wrapped, new byte[0]));
      assertThrows(RootKeyException.class, () -> root.unwrap(wrapped, new byte[] {1, 2, 4}));
      assertThrows(RootKeyException.class, () -> other.unwrap(wrapped, AAD));
    }
  }

  @Test
  void closedRootKeyKeepsItsIdAndRefusesTheRest() throws Exception {
    RootKey root = open(bytes(1, 32));
    byte[] wrapped = root.wrap(new byte[32], AAD);
    String id = root.id();

    root.close();
    root.close();

    assertEquals(id, root.id());
    assertThrows(IllegalStateException.class, () -> root.wrap(new byte[32], AAD));
    assertThrows(IllegalStateException.class, () -> root.unwrap(wrapped, AAD));
  }

  @Test
  void neitherIdNorTextTellsTheKey() throws Exception {
    byte[] key = bytes(1, 32);
    try (RootKey root = open(key)) {
      String told = root.id() + root;

      for (int at = 0; at + 4 <= key.length; at++) {
        assertFalse(told.contains(HexFormat.of().formatHex(key, at, at + 4)));
      }
    }
  }
}
