package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.kms4j.conformance.Conformance;

class ByteSinkTest {
  private final ByteSink sink = new ByteSink();

  @Test
  void collectsPiecesInTheirOrder() {
    byte[] all = KmsFixture.bytes(1, 10_000);
    int at = 0;
    for (int length = 0; at + length <= all.length; length = length * 2 + 1) {
      sink.append(all, at, length);
      at += length;
    }

    assertEquals(at, sink.size());
    assertArrayEquals(Arrays.copyOf(all, at), sink.toBytes());
    assertArrayEquals(Arrays.copyOf(all, at), Arrays.copyOf(sink.array(), at));
  }

  @Test
  void emptySinkMakesNoArray() {
    assertSame(sink.toBytes(), new ByteSink().toBytes());
    assertEquals(0, sink.toBytes().length);
  }

  @Test
  void growingWipesTheArrayItLeaves() {
    sink.append(KmsFixture.bytes(1, 60), 0, 60);
    byte[] left = sink.array();

    sink.append(KmsFixture.bytes(2, 60), 0, 60);

    assertNotSame(left, sink.array());
    assertArrayEquals(new byte[left.length], left);
  }

  @Test
  void clearingWipesTheArrayItLeaves() {
    sink.append(KmsFixture.bytes(1, 60), 0, 60);
    byte[] left = sink.array();

    sink.clear();

    assertArrayEquals(new byte[left.length], left);
    assertEquals(0, sink.size());
    assertEquals(0, sink.toBytes().length);
  }

  @Test
  void shrinkingWipesTheEnd() {
    sink.append(new byte[] {1, 2, 3, 4, 5}, 0, 5);

    sink.shrink(2);

    assertArrayEquals(new byte[] {1, 2, 3}, sink.toBytes());
    assertEquals(0, sink.array()[3] | sink.array()[4]);
  }

  @Test
  @Conformance("C-37")
  void knowsWhatOneArrayCannotTakeWithoutOverflow() {
    sink.append(new byte[100], 0, 100);

    assertTrue(sink.canTake(0));
    assertTrue(sink.canTake(Integer.MAX_VALUE - 8 - 100));
    assertFalse(sink.canTake(Integer.MAX_VALUE - 8 - 99));
    assertFalse(sink.canTake(Integer.MAX_VALUE));
  }
}
