package org.kms4j.servlet;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * What {@code java -jar kms4j.war} runs: unpacks the libraries of the WAR and starts {@link Main}
 * with them; or, told {@code unpack DIR}, lays them out for good and ends.
 *
 * <p>It stands at the root of the WAR and uses the JDK alone. Libraries are copied byte for byte,
 * so that signed ones stay signed, into a folder that nobody else can write to.
 *
 * <p>What was laid out starts by {@code java -jar DIR/kms4j.jar}, from an ordinary class path: the
 * JDK's archives of classes (CDS, AOT cache) hold nothing that a class loader of ours has loaded.
 */
public final class Launcher {
  static final String UNPACK = "unpack";
  private static final String MAIN = "org.kms4j.servlet.Main";
  private static final String STARTER = "kms4j.jar";
  private static final String LIBRARIES = "lib/";
  private static final int WRONG_WORLD = 1;
  private static final int WRONG_USE = 2;

  private Launcher() {}

  /** Runs the server, or lays it out. */
  public static void main(String... arguments)
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path war = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (arguments.length > 0 && arguments[0].equals(UNPACK)) {
      System.exit(layOut(war, arguments));
    }
    List<URL> libraries = new ArrayList<>();
    for (Path library : copyLibraries(war, newTemporaryFolder())) {
      library.toFile().deleteOnExit();
      libraries.add(library.toUri().toURL());
    }
    // Never closed: the server runs until the JVM ends.
    URLClassLoader loader =
        new URLClassLoader(libraries.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    try {
      loader.loadClass(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      e.getTargetException().printStackTrace();
      System.exit(WRONG_WORLD);
    }
  }

  private static Path newTemporaryFolder() throws IOException {
    Path folder = Files.createTempDirectory("kms4j-");
    // Runs after every shutdown hook, so that what ends the server can still load classes.
    folder.toFile().deleteOnExit();
    return folder;
  }

  private static int layOut(Path war, String... arguments) {
    if (arguments.length != 2) {
      System.err.println("kms4j: " + UNPACK + " wants one folder");
      return WRONG_USE;
    }
    Path folder = Path.of(arguments[1]);
    try {
      layOut(war, folder);
    } catch (FileAlreadyExistsException e) {
      System.err.println("kms4j: " + folder + " is there already");
      return WRONG_USE;
    } catch (IOException e) {
      System.err.println("kms4j: cannot unpack to " + folder + ": " + e);
      return WRONG_WORLD;
    }
    System.out.println("unpacked: java -jar " + folder.resolve(STARTER));
    return 0;
  }

  private static void layOut(Path war, Path folder) throws IOException {
    // It must not be there: libraries of two releases on one class path are neither of them.
    Files.createDirectory(folder);
    List<Path> libraries = copyLibraries(war, Files.createDirectory(folder.resolve(LIBRARIES)));
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, MAIN);
    attributes.put(
        Attributes.Name.CLASS_PATH,
        libraries.stream()
            .map(library -> LIBRARIES + library.getFileName())
            .collect(Collectors.joining(" ")));
    attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
    try (OutputStream out = Files.newOutputStream(folder.resolve(STARTER));
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      jar.finish();
    }
  }

  private static List<Path> copyLibraries(Path war, Path folder) throws IOException {
    List<Path> libraries = new ArrayList<>();
    try (JarFile jar = new JarFile(war.toFile())) {
      for (JarEntry entry : jar.stream().filter(Launcher::isLibrary).toList()) {
        Path library = folder.resolve(new File(entry.getName()).getName());
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, library);
        }
        libraries.add(library);
      }
    }
    return libraries;
  }

  private static boolean isLibrary(JarEntry entry) {
    String name = entry.getName();
    return (name.startsWith("WEB-INF/lib/") || name.startsWith("WEB-INF/lib-provided/"))
        && name.endsWith(".jar");
  }
}
