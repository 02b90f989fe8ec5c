package org.kms4j.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same work in many threads at once; whatever fails there fails the test. */
final class Threads {
  private Threads() {}

  static void run(int count, Callable<?> work) throws Exception {
    run(Executors.newFixedThreadPool(count), count, work);
  }

  /** Runs the work {@code count} times in threads of this pool, and ends the pool. */
  static void run(ExecutorService pool, int count, Callable<?> work) throws Exception {
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        running.add(pool.submit(work));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
