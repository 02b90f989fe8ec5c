package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/** The ways in which a caller can hand one region of memory to {@code doFinal}, for both ends. */
enum Shape {
  ARRAY {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      // An array has room to its end; the case with less is the test's to arrange.
      return cipher.doFinal(memory, in, length, memory, out);
    }
  },
  HEAP {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer whole = ByteBuffer.wrap(memory);
      return buffers(cipher, part(whole, in, length), part(whole, out, room));
    }
  },
  SLICED {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer whole = ByteBuffer.wrap(memory);
      ByteBuffer from = part(whole, in - 3, length + 3).slice().position(3);
      return buffers(cipher, from, part(whole, out - 5, room + 5).slice().position(5));
    }
  },
  READ_ONLY {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer whole = ByteBuffer.wrap(memory);
      ByteBuffer from = part(whole, in, length).asReadOnlyBuffer();
      return buffers(cipher, from, part(whole, out, room));
    }
  },
  DIRECT {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer direct = ByteBuffer.allocateDirect(memory.length).put(memory).clear();
      try {
        return buffers(cipher, part(direct, in, length), part(direct, out, room));
      } finally {
        direct.clear().get(memory);
      }
    }
  },
  DIRECT_READ_ONLY {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer direct = ByteBuffer.allocateDirect(memory.length).put(memory).clear();
      try {
        ByteBuffer from = part(direct, in, length).slice().asReadOnlyBuffer();
        return buffers(cipher, from, part(direct, out - 2, room + 2).slice().position(2));
      } finally {
        direct.clear().get(memory);
      }
    }
  },
  HEAP_TO_DIRECT {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer direct = ByteBuffer.allocateDirect(memory.length).put(memory).clear();
      ByteBuffer from = ByteBuffer.wrap(memory.clone(), in, length);
      byte[] source = from.array();
      byte[] before = source.clone();
      try {
        return buffers(cipher, from, part(direct, out, room));
      } finally {
        assertArrayEquals(before, source, "the source is not written");
        direct.clear().get(memory);
      }
    }
  },
  DIRECT_TO_HEAP {
    @Override
    int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
        throws GeneralSecurityException {
      ByteBuffer direct = ByteBuffer.allocateDirect(memory.length).put(memory).clear();
      byte[] before = memory.clone();
      byte[] after = new byte[memory.length];
      try {
        return buffers(cipher, part(direct, in, length), part(ByteBuffer.wrap(memory), out, room));
      } finally {
        direct.clear().get(after);
        assertArrayEquals(before, after, "the source is not written");
      }
    }
  };

  /**
   * Runs {@code doFinal} on {@code memory[in, in + length)} into {@code memory[out, out + room)}.
   * Whatever happens to the positions of buffers is checked here: all consumed and produced, or
   * neither.
   */
  abstract int run(Cipher cipher, byte[] memory, int in, int length, int out, int room)
      throws GeneralSecurityException;

  private static ByteBuffer part(ByteBuffer whole, int at, int length) {
    return whole.duplicate().limit(at + length).position(at);
  }

  private static int buffers(Cipher cipher, ByteBuffer from, ByteBuffer to)
      throws GeneralSecurityException {
    int readAt = from.position();
    int writeAt = to.position();
    int limit = to.limit();
    try {
      int written = cipher.doFinal(from, to);
      assertEquals(from.limit(), from.position(), "all of the source is consumed");
      assertEquals(writeAt + written, to.position(), "the destination moves by the result");
      return written;
    } catch (GeneralSecurityException e) {
      assertEquals(readAt, from.position(), "a failed call consumes nothing");
      assertEquals(writeAt, to.position(), "a failed call produces nothing");
      throw e;
    } finally {
      assertEquals(limit, to.limit());
    }
  }

  /** Memory of a pattern that no test writes, with {@code content} at {@code at}. */
  static byte[] memory(int size, byte[] content, int at) {
    byte[] memory = new byte[size];
    for (int i = 0; i < size; i++) {
      memory[i] = (byte) (0xC0 | i % 29);
    }
    System.arraycopy(content, 0, memory, at, content.length);
    return memory;
  }
}
