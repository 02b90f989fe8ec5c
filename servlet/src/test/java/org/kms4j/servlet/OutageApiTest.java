package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.auth.AuthTables;
import org.kms4j.servlet.auth.ClientSecret;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.auth.Networks;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.auth.SecretLimits;
import org.kms4j.servlet.auth.TokenLifetime;
import org.kms4j.servlet.auth.TokenTerms;
import org.kms4j.store.Database;

/** PostgreSQL goes away and comes back; the server and its clients' tokens stay. */
class OutageApiTest {
  /**
   * Of one answer; the code's own bounds are below five seconds, the rest is for a busy machine.
   */
  private static final Duration BOUND = Duration.ofSeconds(15);

  /** The promise is a second; the rest is for a machine that is busy. */
  private static final Duration SOON = Duration.ofMillis(1_500);

  private static final Duration LEASE = Duration.ofSeconds(2);

  /** Of which two thirds at least are left when the store goes away, on a busy machine too. */
  private static final Duration LONG_LEASE = Duration.ofSeconds(60);

  /** Well beyond what the last answer alone would be good for. */
  private static final Duration OUTAGE = Duration.ofSeconds(4);

  private static final int AT_ONCE = 32;
  private static final String IDENTITIES = "/api/v1/identities";
  private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Path data = Path.of("");
  private Path home = Path.of("");
  private ApiClient admin = ApiClient.anonymous("");
  private AutoCloseable postgres = () -> {};
  private String url = "";
  private int port;
  private AutoCloseable server = () -> {};

  private EmbeddedServer start(Duration lease) throws Exception {
    data = folder.resolve("data");
    home = folder.resolve("home");
    startPostgres();
    EmbeddedServer started =
        EmbeddedServer.start(
            home,
            Map.of(
                "kms.http.port", "0",
                "kms.http.metrics", "true",
                "kms.lease", "" + lease.toSeconds(),
                "kms.poll", "20",
                "kms.store", url));
    server = started;
    admin = ApiClient.admin(started.url(), home);
    return started;
  }

  private void startPostgres() {
    EmbeddedPostgres started = PostgresServer.start(data, port);
    postgres = started;
    port = started.getPort();
    url = started.getJdbcUrl("postgres", "postgres");
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    postgres.close();
  }

  /** An identity with a token. */
  private record Robot(ApiClient client, ClientSecret secret) {
    static Robot make(EmbeddedServer server, long maxUses) throws Exception {
      Identities identities = server.server().identities();
      UUID identity = identities.createIdentity("robot");
      TokenTerms terms =
          new TokenTerms(TokenLifetime.DEFAULT, maxUses, Networks.ANYWHERE, Networks.ANYWHERE);
      UUID client = identities.enableUniversalAuth(identity, terms);
      identities.setRole(KeyMetadata.DEFAULT_PROJECT, identity, Role.CRYPTOGRAPHIC_OPERATOR);
      ClientSecret secret = identities.addClientSecret(identity, SecretLimits.NONE);
      ApiClient anonymous = ApiClient.anonymous(server.url());
      return new Robot(anonymous.logIn(client.toString(), secret.text()), secret);
    }
  }

  @Test
  void whatIsWarmGoesOnAllElseFailsInTimeAndNothingIsRestarted() throws Exception {
    EmbeddedServer here = start(LONG_LEASE);
    String warm = admin.createKey("warm", "aes-256-gcm");
    String cold = admin.createKey("cold", "aes-256-gcm");
    String other = admin.createKey("other", "aes-256-gcm");
    Robot robot = Robot.make(here, 0);
    Robot counted = Robot.make(here, 100);
    ApiClient unseen = ApiClient.admin(here.url(), home);
    counted.client().seal(warm, TEXT);
    robot.client().seal(warm, TEXT);
    String sealed = admin.seal(warm, TEXT);
    String identity = newIdentity(here.server().identities().organisation().orElseThrow());
    assertEquals("up", store());

    postgres.close();
    awaitStore("down");
    long gone = System.nanoTime();
    assertWarm(warm, sealed, robot);

    assertAllFail(
        List.of(
            () -> admin.encrypt(cold, TEXT),
            () -> admin.patch(ApiClient.KEYS + "/" + other, "{\"isDisabled\":true}"),
            () -> admin.post(ApiClient.KEYS + "/" + other + "/rotate", "{}"),
            () -> admin.get(ApiClient.KEYS + "?projectId=" + KeyMetadata.DEFAULT_PROJECT),
            () -> admin.post(IDENTITIES, identity),
            () -> admin.login("11111111-1111-4111-8111-111111111111", "0".repeat(64)),
            () -> unseen.encrypt(warm, TEXT),
            () -> counted.client().encrypt(warm, TEXT)));
    do {
      assertWarm(warm, sealed, robot);
    } while (System.nanoTime() - gone < OUTAGE.toNanos());
    assertEquals("down", store());

    startPostgres();
    revokeElsewhere(robot);
    awaitStore("up");
    assertSoonRefused(robot, warm);
    assertArrayEquals(TEXT, admin.open(warm, sealed));
    assertArrayEquals(TEXT, admin.open(cold, admin.seal(cold, TEXT)));
    admin.patch(ApiClient.KEYS + "/" + warm, "{\"isDisabled\":true}").ok();
    assertEquals(400, admin.encrypt(warm, TEXT).status());
    counted.client().seal(cold, TEXT);
    unseen.createKey("new", "aes-256-gcm");
  }

  @Test
  void afterTheLeaseNothingServesUntilTheStoreIsBack() throws Exception {
    start(LEASE);
    String warm = admin.createKey("warm", "aes-256-gcm");
    String sealed = admin.seal(warm, TEXT);
    assertEquals(200, metrics());

    postgres.close();
    long gone = System.nanoTime();
    assertServesNoLongerThanTheLease(gone, () -> admin.encrypt(warm, TEXT).status());
    // Asks who calls, and for no key.
    assertServesNoLongerThanTheLease(gone, this::metrics);
    List<Callable<Answer>> questions = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      questions.add(
          i % 2 == 0 ? () -> admin.encrypt(warm, TEXT) : () -> admin.decrypt(warm, sealed));
    }
    assertAllFail(questions);
    assertEquals("down", store());

    startPostgres();
    awaitStore("up");
    assertArrayEquals(TEXT, admin.open(warm, sealed));
    assertArrayEquals(TEXT, admin.open(warm, admin.seal(warm, TEXT)));
  }

  @Test
  void databaseThatHangsDoesNotStopWhatIsWarm() throws Exception {
    EmbeddedServer here = start(LONG_LEASE);
    String warm = admin.createKey("warm", "aes-256-gcm");
    String cold = admin.createKey("cold", "aes-256-gcm");
    Robot robot = Robot.make(here, 0);
    robot.client().seal(warm, TEXT);
    String sealed = admin.seal(warm, TEXT);

    signal("STOP");
    try {
      awaitStore("down");
      long gone = System.nanoTime();
      do {
        assertWarm(warm, sealed, robot);
      } while (System.nanoTime() - gone < OUTAGE.toNanos());
      assertAllFail(List.of(() -> admin.encrypt(cold, TEXT)));
      assertWarm(warm, sealed, robot);
    } finally {
      signal("CONT");
    }

    revokeElsewhere(robot);
    awaitStore("up");
    assertSoonRefused(robot, warm);
    assertArrayEquals(TEXT, admin.open(cold, admin.seal(cold, TEXT)));
  }

  private static String newIdentity(UUID organisation) {
    ObjectNode body =
        ApiClient.JSON.createObjectNode().put("name", "late").put("role", "no-access");
    return body.put("organizationId", organisation.toString()).toString();
  }

  /** To the postmaster and all its children. */
  private void signal(String name) throws Exception {
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    Stream.concat(Stream.of(postmaster), postmaster.descendants())
        .forEach(process -> command.add("" + process.pid()));
    assertEquals(0, new ProcessBuilder(command).start().waitFor());
  }

  /** What the status says of the store; it is 200, and at once, whatever happens. */
  private String store() throws Exception {
    long began = System.nanoTime();
    Answer answer = admin.get("/api/status");
    assertEquals("Ok", answer.ok().get("message").asText());
    assertTrue(System.nanoTime() - began < BOUND.toNanos() / 5, "the status waits");
    return answer.raw().headers().firstValue("x-kms-store").orElseThrow();
  }

  private void awaitStore(String wanted) throws Exception {
    long began = System.nanoTime();
    while (!store().equals(wanted)) {
      assertTrue(System.nanoTime() - began < 2 * BOUND.toNanos(), "the store is not " + wanted);
    }
  }

  private void assertWarm(String key, String sealed, Robot robot) throws Exception {
    long began = System.nanoTime();
    assertArrayEquals(TEXT, admin.open(key, sealed));
    assertArrayEquals(TEXT, robot.client().open(key, robot.client().seal(key, TEXT)));
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "it waited for too long");
  }

  private static void assertServesNoLongerThanTheLease(long gone, Callable<Integer> question)
      throws Exception {
    long began = System.nanoTime();
    int status = question.call();
    while (status == 200) {
      assertTrue(began - gone <= LEASE.toNanos(), "served after the lease");
      began = System.nanoTime();
      status = question.call();
    }
    assertEquals(500, status);
  }

  private int metrics() throws Exception {
    return HttpClient.newHttpClient()
        .send(admin.request("/api/metrics").build(), BodyHandlers.discarding())
        .statusCode();
  }

  /** All at once: they do not wait for one another, and hold up nobody. */
  private void assertAllFail(List<Callable<Answer>> questions) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(questions.size());
    long began = System.nanoTime();
    List<Future<Answer>> answers = new ArrayList<>();
    for (Callable<Answer> question : questions) {
      answers.add(clients.submit(question));
    }
    assertEquals("down", store());
    for (Future<Answer> answer : answers) {
      answer.get().is(500, "InternalServerError", "Something went wrong");
    }
    clients.shutdown();
    assertTrue(System.nanoTime() - began < BOUND.toNanos(), "they waited for one another");
  }

  /** As another node does it: this one has to hear of it. */
  private void revokeElsewhere(Robot robot) {
    try (Database database = Database.open(url);
        AuthTables tables = AuthTables.open(database)) {
      new Identities(tables, Clock.systemUTC()).revokeClientSecret(robot.secret().id());
    }
  }

  private static void assertSoonRefused(Robot robot, String key) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    int status = robot.client().encrypt(key, TEXT).status();
    while (status == 200 && System.nanoTime() < deadline) {
      status = robot.client().encrypt(key, TEXT).status();
    }
    assertEquals(401, status);
  }
}
