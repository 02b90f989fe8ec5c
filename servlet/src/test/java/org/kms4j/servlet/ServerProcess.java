package org.kms4j.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A child process whose lines are read as they come. Ended when closed. */
final class ServerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final BlockingQueue<Optional<String>> coming = new LinkedBlockingQueue<>();

  private ServerProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "reader of " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a command; its stderr comes among its stdout. */
  static ServerProcess start(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("KMS_"));
    builder.environment().putAll(environment);
    return new ServerProcess(builder.redirectErrorStream(true).start());
  }

  /** Starts a JVM; what a killed one leaves goes with the folder. */
  static ServerProcess startJava(
      Path folder, Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(java(), "-Djava.io.tmpdir=" + folder));
    command.addAll(arguments);
    return start(folder, environment, command);
  }

  /** Starts the packaged server. */
  static ServerProcess startWar(
      String war, Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("-jar", war));
    all.addAll(List.of(arguments));
    return startJava(folder, environment, all);
  }

  /** The JVM that runs this test. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(line -> coming.add(Optional.of(line)));
    } catch (UncheckedIOException | IOException e) {
      // The process has ended.
    }
    coming.add(Optional.empty());
  }

  /** The first line from here on that contains the text. */
  String await(String text) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<String> line = coming.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.isEmpty()) {
        throw new AssertionError("no line '" + text + "' but " + lines);
      }
      lines.add(line.get());
      if (line.get().contains(text)) {
        return line.get();
      }
    }
  }

  /** Waits for the end and says the exit status. */
  int awaitEnd() throws InterruptedException {
    return awaitEnd(PATIENCE);
  }

  int awaitEnd(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end; it said " + lines);
    }
    for (Optional<String> line = coming.take(); line.isPresent(); line = coming.take()) {
      lines.add(line.get());
    }
    return process.exitValue();
  }

  /** All lines so far; after {@link #awaitEnd} all there are. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  /** SIGTERM. */
  void terminate() {
    // Not Process.destroy(): that closes the pipes, too, and the last lines are lost.
    process.toHandle().destroy();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
