package org.kms4j.servlet;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What {@code java -jar kms4j.war} runs: unpacks the libraries of the WAR and starts {@link Main}
 * with them.
 *
 * <p>It stands at the root of the WAR and uses the JDK alone. Libraries are copied byte for byte,
 * so that signed ones stay signed, into a folder that nobody else can write to.
 */
public final class Launcher {
  private static final String MAIN = "org.kms4j.servlet.Main";

  private Launcher() {}

  /** Runs the server. */
  public static void main(String... arguments)
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path war = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    URL[] libraries = unpack(war).toArray(new URL[0]);
    // Never closed: the server runs until the JVM ends.
    URLClassLoader loader = new URLClassLoader(libraries, ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    try {
      loader.loadClass(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      e.getTargetException().printStackTrace();
      System.exit(1);
    }
  }

  private static List<URL> unpack(Path war) throws IOException {
    Path folder = Files.createTempDirectory("kms4j-");
    // Runs after every shutdown hook, so that what ends the server can still load classes.
    folder.toFile().deleteOnExit();
    List<URL> libraries = new ArrayList<>();
    try (JarFile jar = new JarFile(war.toFile())) {
      for (JarEntry entry : jar.stream().filter(Launcher::isLibrary).toList()) {
        File library = folder.resolve(new File(entry.getName()).getName()).toFile();
        library.deleteOnExit();
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, library.toPath());
        }
        libraries.add(library.toURI().toURL());
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
