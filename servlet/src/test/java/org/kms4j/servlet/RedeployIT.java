package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The WAR, deployed and taken away again and again in one Tomcat: it leaves nothing behind. This is
 * point C-13 of the provider's conformance list.
 */
class RedeployIT {
  /** Two hundred in the profile {@code vectors}; each loads all classes anew, most of a second. */
  private static final int CYCLES = Integer.getInteger("test.redeploys", 30);

  /** How often the collector may be asked before what is still there counts as kept. */
  private static final int COLLECTIONS = 40;

  private static final String WAR = System.getProperty("it.war", "absent");
  private static final byte[] TEXT = {1, 2, 3};

  @TempDir private Path folder;
  private Tomcat tomcat;
  private ApiClient admin;
  private String keyId = "";
  private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    unpack(folder.resolve("app"));
    tomcat = new Tomcat();
    tomcat.setBaseDir(folder.resolve("tomcat").toString());
    tomcat.setPort(0);
    // Made on the first question; a host that is not there as the server starts is warned of.
    tomcat.getHost();
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.start();
    Context first = deploy();
    String url = "http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/kms";
    admin = ApiClient.admin(url, folder.resolve("home"));
    keyId = admin.createKey("a", "aes-256-gcm");
    undeploy(first);
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  /** All but the server that the WAR brings for itself. */
  private static void unpack(Path target) throws IOException {
    try (JarFile war = new JarFile(WAR)) {
      for (JarEntry entry : war.stream().filter(e -> e.getName().startsWith("WEB-INF/")).toList()) {
        Path file = target.resolve(entry.getName()).normalize();
        if (entry.isDirectory() || entry.getName().contains("lib-provided")) {
          continue;
        }
        assertTrue(file.startsWith(target), entry.getName());
        Files.createDirectories(file.resolveSibling(""));
        try (InputStream in = war.getInputStream(entry)) {
          Files.copy(in, file);
        }
      }
    }
  }

  private Context deploy() {
    ContextConfig config = new ContextConfig();
    config.setDefaultWebXml(tomcat.noDefaultWebXmlPath());
    StandardContext context = new StandardContext();
    context.setPath("/kms");
    context.setName("/kms");
    context.setDocBase(folder.resolve("app").toString());
    context.addParameter("kms.home", folder.resolve("home").toString());
    context.addLifecycleListener(config);
    // Tomcat's own search wants the JDK opened to it; this test looks for itself.
    context.setClearReferencesThreadLocals(false);
    context.setClearReferencesRmiTargets(false);
    tomcat.getHost().addChild(context);
    assertTrue(context.getState().isAvailable(), "it starts");
    return context;
  }

  private void undeploy(Context context) {
    tomcat.getHost().removeChild(context);
  }

  private void cycle() throws Exception {
    Context context = deploy();
    ClassLoader loader = context.getLoader().getClassLoader();
    Class<?> application = loader.loadClass(WebApplication.class.getName());
    assertSame(loader, application.getClassLoader(), "the classes are those of the WAR");
    assertNotSame(WebApplication.class, application);
    loaders.add(new WeakReference<>(loader));

    assertEquals(200, admin.encrypt(keyId, TEXT).status());

    undeploy(context);
  }

  /** What a web application might leave in the JVM. */
  private record Traces(
      List<String> threads, Set<String> providers, Set<String> drivers, Set<String> beans) {
    static Traces now() throws Exception {
      return new Traces(
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.startsWith("kms"))
              .sorted()
              .toList(),
          Stream.of(Security.getProviders())
              .map(Object::toString)
              .collect(Collectors.toCollection(TreeSet::new)),
          DriverManager.drivers()
              .map(driver -> driver.getClass() + " of " + driver.getClass().getClassLoader())
              .collect(Collectors.toCollection(TreeSet::new)),
          ManagementFactory.getPlatformMBeanServer()
              .queryNames(new ObjectName("*:*"), null)
              .stream()
              .map(ObjectName::toString)
              // Tomcat's connector has one for each connection that it serves at once.
              .filter(name -> !name.contains("type=RequestProcessor"))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  @Test
  void deploymentsLeaveNothingBehind() throws Exception {
    cycle();
    Traces before = Traces.now();

    for (int i = 1; i < CYCLES; i++) {
      cycle();
    }

    Traces after = Traces.now();
    assertEquals(List.of(), after.threads());
    assertEquals(before, after);
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      ClassLoader loader = thread.getContextClassLoader();
      assertTrue(
          loaders.stream().noneMatch(kept -> loader != null && kept.refersTo(loader)),
          "thread " + thread.getName());
    }
    assertEquals(0, keptLoaders(), "class loaders that were not collected");
  }

  private long keptLoaders() {
    long kept = loaders.size();
    for (int i = 0; i < COLLECTIONS && kept > 0; i++) {
      System.gc();
      kept = loaders.stream().filter(loader -> loader.get() != null).count();
    }
    return kept;
  }
}
