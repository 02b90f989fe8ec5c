package org.kms4j.launch;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A JVM of its own, started from the class files of this build; killed if it is still there. */
final class Jvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private Jvm(List<String> options, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
    command.add("-Dslf4j.internal.verbosity=ERROR");
    if (Runtime.version().feature() >= 24) {
      // Else the loading of the SQLite library is warned of.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    this.process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static Jvm onClassPath(Class<?> main, String... arguments) throws IOException {
    return onClassPath(List.of(), main, arguments);
  }

  static Jvm onClassPath(List<String> options, Class<?> main, String... arguments)
      throws IOException {
    return onClassPathWith("", options, main, arguments);
  }

  /**
   * The same, with a library that only the tests have.
   *
   * @param jar how its file's name begins
   */
  static Jvm onClassPathWith(String jar, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    String path = classPath(testClasses(), classes(), libraries());
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("-cp", jar.isEmpty() ? path : classPath(path, libraries(jar))));
    return new Jvm(all, main, arguments);
  }

  /**
   * The same with libraries that nothing of ours needs.
   *
   * @param more of which those whose file's name begins so
   */
  static Jvm onClassPath(
      List<String> options, List<String> more, Class<?> main, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    String libraries = classPath(libraries(), libraries(String.join("|", more)));
    all.addAll(List.of("-cp", classPath(testClasses(), classes(), libraries)));
    return new Jvm(all, main, arguments);
  }

  /** Our classes as the module that they are, the main class outside of it. */
  static Jvm onModulePath(Class<?> main, String... arguments) throws IOException {
    return onModulePath(List.of(), List.of("sqlite-jdbc"), main, arguments);
  }

  /** The same with options, and with more libraries as modules. */
  static Jvm onModulePath(
      List<String> options, List<String> more, Class<?> main, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    String libraries = classPath(libraries(), libraries(String.join("|", more)));
    all.addAll(List.of("-p", classPath(classes(), libraries)));
    all.addAll(List.of("--add-modules", "org.kms4j.provider", "-cp", testClasses()));
    return new Jvm(all, main, arguments);
  }

  static String classPath(String... parts) {
    return String.join(File.pathSeparator, parts);
  }

  private static String target(String folder) {
    return Path.of(System.getProperty("basedir", "."), "target", folder).toString();
  }

  static String classes() {
    return target("classes");
  }

  private static String testClasses() {
    return target("test-classes");
  }

  /** What the module needs at run time, and no more. */
  static String libraries() {
    return libraries("sqlite-jdbc|slf4j-api");
  }

  private static String libraries(String names) {
    return Stream.of(
            System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", ""))
        .flatMap(path -> Stream.of(path.split(File.pathSeparator, -1)))
        .filter(entry -> entry.matches(".*/(" + names + ")[^/]*\\.jar"))
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** The next line, null at the end. */
  @Nullable String line() throws IOException {
    return out.readLine();
  }

  /** All lines to the end. */
  List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); line != null; line = line()) {
      lines.add(line);
    }
    return lines;
  }

  boolean hasOutput() throws IOException {
    return out.ready();
  }

  /** SIGKILL: no hook of the JVM's runs. */
  void kill() {
    // Not Process.destroyForcibly: that would close the pipe and lose what is still in it.
    process.toHandle().destroyForcibly();
  }

  /** SIGSTOP: it stands still, whatever it was at. */
  void stop() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT: it goes on where it was. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int status = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + " ended with " + status);
    }
  }

  /** Waits for the end. */
  void await() {
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
    await();
  }
}
