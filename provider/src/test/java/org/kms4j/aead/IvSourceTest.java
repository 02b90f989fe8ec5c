package org.kms4j.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IvSourceTest {
  private static final int THREADS = 64;
  private static final int DRAWS = 4_000;
  private static final IvSource.Era ERA = new IvSource.Era();

  @ParameterizedTest
  @ValueSource(ints = {12, 24})
  void manyThreadsNeverDrawTheSameIv(int length) throws Exception {
    IvSource source = new IvSource();
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Future<List<ByteBuffer>>> drawing = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      drawing.add(
          pool.submit(
              () -> {
                go.await();
                List<ByteBuffer> mine = new ArrayList<>();
                for (int n = 0; n < DRAWS; n++) {
                  mine.add(ByteBuffer.wrap(source.draw(length).bytes()));
                }
                return mine;
              }));
    }

    go.countDown();
    Set<ByteBuffer> seen = new HashSet<>();
    for (Future<List<ByteBuffer>> thread : drawing) {
      seen.addAll(thread.get());
    }
    pool.shutdown();

    assertEquals(THREADS * DRAWS, seen.size());
    assertTrue(seen.stream().allMatch(iv -> iv.remaining() == length));
  }

  @Test
  void everyGeneratorGivesOtherBytesThanTheRest() throws Exception {
    IvSource source = new IvSource();
    Set<ByteBuffer> first = new HashSet<>();
    // Thread ids go up by one, and so visit every generator.
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(() -> first.add(ByteBuffer.wrap(source.draw(24).bytes())));
      thread.start();
      thread.join();
    }

    assertEquals(THREADS, first.size());
  }

  @Test
  void twoSourcesHaveNothingInCommon() {
    byte[] one = new IvSource().draw(32).bytes();
    byte[] other = new IvSource().draw(32).bytes();

    assertNotEquals(ByteBuffer.wrap(one), ByteBuffer.wrap(other));
  }

  @Test
  void drawLongerThanARunHasNoZerosAndDoesNotRepeat() {
    int length = 5 * IvSource.RUN_BYTES + 7;

    byte[] bytes = new IvSource().draw(length).bytes();

    Set<ByteBuffer> blocks = new HashSet<>();
    for (int at = 0; at + 8 <= length; at += 8) {
      byte[] block = Arrays.copyOfRange(bytes, at, at + 8);
      assertTrue(blocks.add(ByteBuffer.wrap(block)), "at " + at);
    }
  }

  /** What a restored snapshot makes of a generator: two with one state. */
  private static IvSource.Generator twin(IvSource.Generator of, SecureRandom os) {
    IvSource.Generator twin = new IvSource.Generator(os);
    twin.fill(new byte[1], ERA);
    System.arraycopy(of.key, 0, twin.key, 0, of.key.length);
    System.arraycopy(of.run, 0, twin.run, 0, of.run.length);
    twin.next = of.next;
    return twin;
  }

  private static byte[] next(IvSource.Generator from) {
    byte[] bytes = new byte[24];
    from.fill(bytes, ERA);
    return bytes;
  }

  @Test
  void twinsPartAtTheNextRefillBecauseOfWhatTheOperatingSystemGives() {
    IvSource.Generator one = new IvSource.Generator(IvSource.operatingSystem());
    next(one);
    IvSource.Generator other = twin(one, IvSource.operatingSystem());
    IvSource.Generator deaf = twin(one, new Constant());
    IvSource.Generator alsoDeaf = twin(one, new Constant());
    while (one.next + 24 <= IvSource.RUN_BYTES) {
      byte[] repeated = next(one);
      assertArrayEquals(repeated, next(other), "until then they repeat");
      assertArrayEquals(next(deaf), next(alsoDeaf));
    }

    // The first may still begin with the rest of the run.
    next(one);
    next(other);
    next(deaf);
    next(alsoDeaf);

    assertFalse(Arrays.equals(next(one), next(other)));
    assertArrayEquals(next(deaf), next(alsoDeaf), "nothing else parts them");
  }

  /** An operating system that gives the same seed each time. */
  private static final class Constant extends SecureRandom {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] generateSeed(int count) {
      return new byte[count];
    }
  }

  @Test
  void newEraOfAGeneratorEndsWhatItReadAhead() {
    IvSource.Generator one = new IvSource.Generator(IvSource.operatingSystem());
    next(one);
    IvSource.Generator other = twin(one, IvSource.operatingSystem());
    IvSource.Era later = new IvSource.Era();
    byte[] mine = new byte[24];
    byte[] its = new byte[24];

    one.fill(mine, later);
    other.fill(its, later);

    assertFalse(Arrays.equals(mine, its));
  }

  @Test
  void ivDrawnBeforeAReseedingSealsNothing() {
    IvSource source = new IvSource();
    Iv before = source.draw(12);

    source.reseed();

    IllegalStateException e = assertThrows(IllegalStateException.class, before::use);
    assertTrue(String.valueOf(e.getMessage()).contains("initialise the cipher anew"));
    source.draw(12).use();
  }

  @Test
  void ivDrawnBeforeAFresheningStillSeals() {
    IvSource source = new IvSource();
    Iv before = source.draw(12);

    source.freshen();

    before.use();
    assertEquals(12, before.bytes().length);
  }

  @Test
  void whatWasGivenAheadIsThrownAwayByAFreshening() {
    IvSource source = new IvSource();
    Iv iv = source.iv();
    iv.draw(12);
    iv.draw(12);
    byte[] ahead = iv.array();
    iv.draw(12);
    assertSame(ahead, iv.array(), "it was given several");

    source.freshen();
    iv.draw(12);

    assertNotSame(ahead, iv.array());
  }

  @Test
  void bytesAreSpreadEvenly() {
    byte[] bytes = new IvSource().draw(256 * 1_000).bytes();
    int[] counts = new int[256];
    for (byte b : bytes) {
      counts[b & 0xFF]++;
    }

    double chiSquare = Arrays.stream(counts).mapToDouble(n -> (n - 1_000.0) * (n - 1_000.0)).sum();

    // 255 degrees of freedom: beyond 400 less than once in 10^8 runs.
    assertTrue(chiSquare / 1_000 < 400, "chi-square " + chiSquare / 1_000);
  }

  @Test
  void fixedSourceGivesItsBytesForKnownAnswers() {
    IvSource fixed = new FixedIvSource(new byte[] {1, 2, 3, 4});

    assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), ByteBuffer.wrap(fixed.draw(3).bytes()));
    assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), ByteBuffer.wrap(fixed.draw(3).bytes()));
  }
}
