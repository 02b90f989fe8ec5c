package org.kms4j.servlet.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.servlet.auth.Caller;
import org.kms4j.servlet.auth.OrganisationRole;

class FileAuditLogTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00.000001Z");
  private static final UUID ID = UUID.fromString("11111111-1111-4111-8111-111111111111");
  private static final Path FULL_DISK = Path.of("/dev/full");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("audit.log");
  }

  /** One that nothing is known of but its number. */
  private static AuditEvent event(int number) {
    return new AuditEvent(
        NOON,
        "req-" + number,
        "127.0.0.1",
        AuditEvent.NONE,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Map.of(),
        404,
        "Not Found");
  }

  private List<String> requestIds() throws Exception {
    List<String> ids = new ArrayList<>();
    for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
      ids.add(JSON.readTree(line).get("reqId").asText());
    }
    return ids;
  }

  private static List<String> numbered(int end) {
    return IntStream.range(0, end).mapToObj(i -> "req-" + i).toList();
  }

  /** Waits until this holds. */
  private static void await(Holds condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, "it takes too long");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private interface Holds {
    boolean holds() throws Exception;
  }

  private static boolean isWritable(AuditLog log) {
    try {
      log.requireWritable();
      return true;
    } catch (AuditException e) {
      return false;
    }
  }

  @Nested
  class Line {
    @Test
    void saysAllThatIsKnown() throws Exception {
      Caller caller =
          new Caller(ID, "robot", new UUID(0, 1), new UUID(0, 2), OrganisationRole.ADMIN, Map.of());
      AuditEvent event =
          new AuditEvent(
              NOON,
              "req-1",
              "::1",
              "POST /a/{b}",
              Optional.of(caller),
              Optional.of("p"),
              List.of(new AuditEvent.Key(ID, 7), new AuditEvent.Key(new UUID(0, 3), 0)),
              Map.of("clientSecretId", new UUID(0, 4)),
              200,
              AuditEvent.NONE);

      assertEquals(
          "{'time':'2026-01-02T12:00:00.000001Z','reqId':'req-1','remote':'::1',"
              + "'route':'POST /a/{b}','identityId':'11111111-1111-4111-8111-111111111111',"
              + "'identityName':'robot','accessTokenId':'00000000-0000-0000-0000-000000000002',"
              + "'projectId':'p','keys':[{'id':'11111111-1111-4111-8111-111111111111','version':7},"
              + "{'id':'00000000-0000-0000-0000-000000000003'}],"
              + "'of':{'clientSecretId':'00000000-0000-0000-0000-000000000004'},"
              + "'status':200,'error':'-'}\n",
          new String(event.line(), StandardCharsets.US_ASCII).replace('"', '\''));
    }

    @Test
    void leavesOutWhatIsNot() {
      assertEquals(
          "{'time':'2026-01-02T12:00:00.000001Z','reqId':'req-5','remote':'127.0.0.1',"
              + "'route':'-','status':404,'error':'Not Found'}\n",
          new String(event(5).line(), StandardCharsets.US_ASCII).replace('"', '\''));
    }

    @Test
    void staysOneLineOfAsciiWhateverStandsInIt() throws Exception {
      String hostile =
          "\n\r\t\0\"\\}\u001b[2J\u007f\u0085\u009b\u2028\u2029\u202e😀{\"reqId\":\"x\"}";
      AuditEvent event =
          new AuditEvent(
              NOON,
              hostile,
              hostile,
              hostile,
              Optional.of(new Caller(ID, hostile, ID, ID, OrganisationRole.NO_ACCESS, Map.of())),
              Optional.of(hostile),
              List.of(),
              Map.of(hostile, ID),
              404,
              hostile);

      byte[] line = event.line();

      for (int i = 0; i < line.length - 1; i++) {
        assertTrue(line[i] >= ' ', "byte " + line[i] + " at " + i);
      }
      assertEquals('\n', line[line.length - 1]);
      JsonNode read = JSON.readTree(line);
      for (String name :
          List.of("reqId", "remote", "route", "identityName", "projectId", "error")) {
        assertEquals(hostile, read.get(name).asText());
      }
      assertEquals(ID.toString(), read.get("of").get(hostile).asText());
    }
  }

  @Nested
  class Kept {
    @Test
    void isEveryRecordInItsOrder() throws Exception {
      try (FileAuditLog log = FileAuditLog.open(file)) {
        for (int i = 0; i < 1_000; i++) {
          log.record(event(i));
        }
      }

      assertEquals(numbered(1_000), requestIds());
    }

    @Test
    void isEveryRecordOfManyThreadsAndTheOrderOfEach() throws Exception {
      int threads = 16;
      int each = 5_000;
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try (FileAuditLog log = FileAuditLog.open(file)) {
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          int first = t * each;
          all.add(
              pool.submit(
                  () -> IntStream.range(first, first + each).forEach(i -> log.record(event(i)))));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } finally {
        pool.shutdownNow();
      }

      List<Integer> found =
          requestIds().stream().map(id -> Integer.parseInt(id.substring("req-".length()))).toList();
      int[] next = IntStream.range(0, threads).map(t -> t * each).toArray();
      for (int number : found) {
        assertEquals(next[number / each]++, number);
      }
      assertEquals(threads * each, new TreeSet<>(found).size());
      assertEquals(threads * each, found.size());
    }

    @Test
    void isOnDiskWithinMomentsWithoutAnotherRecord() throws Exception {
      try (FileAuditLog log = FileAuditLog.open(file)) {
        log.record(event(0));

        await(() -> requestIds().equals(numbered(1)));
      }
    }

    @Test
    void isForItsOwnerAlone() throws Exception {
      FileAuditLog.open(file).close();

      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void goesOnWhereAnEarlierProcessHasEnded() throws Exception {
      for (int i = 0; i < 3; i++) {
        try (FileAuditLog log = FileAuditLog.open(file)) {
          log.record(event(i));
        }
      }

      assertEquals(numbered(3), requestIds());
    }

    @Test
    void beginsOnALineOfItsOwnAfterACrash() throws Exception {
      Files.writeString(file, "{\"reqId\":\"whole\"}\n{\"reqId\":\"ha");

      try (FileAuditLog log = FileAuditLog.open(file)) {
        log.record(event(0));
      }

      List<String> lines = Files.readAllLines(file);
      assertEquals(List.of("{\"reqId\":\"whole\"}", "{\"reqId\":\"ha"), lines.subList(0, 2));
      assertEquals("req-0", JSON.readTree(lines.get(2)).get("reqId").asText());
      assertEquals(3, lines.size());
    }

    @Test
    void isNothingMoreOnceItIsClosed() throws Exception {
      FileAuditLog log = FileAuditLog.open(file);
      log.close();

      assertThrows(AuditException.class, () -> log.record(event(0)));
      assertThrows(AuditException.class, log::requireWritable);
      assertEquals(List.of(), requestIds());
    }
  }

  @Nested
  class Rotated {
    @Test
    void byAnotherNameItGoesOnInANewFile() throws Exception {
      Path old = folder.resolve("audit.log.1");
      int number = 0;
      try (FileAuditLog log = FileAuditLog.open(file)) {
        log.record(event(number++));
        await(() -> !requestIds().isEmpty());
        Files.move(file, old, StandardCopyOption.ATOMIC_MOVE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file) && System.nanoTime() < deadline) {
          log.record(event(number++));
          LockSupport.parkNanos(1_000_000);
        }
      }

      List<String> both = new ArrayList<>();
      for (Path part : List.of(old, file)) {
        for (String line : Files.readAllLines(part)) {
          both.add(JSON.readTree(line).get("reqId").asText());
        }
      }
      assertEquals(numbered(number), both);
      assertFalse(requestIds().isEmpty());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void byCuttingItGoesOnAtItsBeginning() throws Exception {
      try (FileAuditLog log = FileAuditLog.open(file)) {
        log.record(event(7));
        await(() -> !requestIds().isEmpty());
        Files.write(file, new byte[0]);
        log.record(event(0));
      }

      assertEquals(numbered(1), requestIds());
    }
  }

  @Nested
  class NotWritable {
    @Test
    void isRefusedByNameWhenItIsOpened() {
      for (Path bad : List.of(folder, folder.resolve("absent").resolve("audit.log"))) {
        AuditException refused = assertThrows(AuditException.class, () -> FileAuditLog.open(bad));

        assertTrue(String.valueOf(refused.getMessage()).contains(bad.toString()));
      }
    }

    @Test
    void takesNothingUntilTheDiskHasRoomAndLosesNothingThatWasTaken() throws Exception {
      Assumptions.assumeTrue(Files.exists(FULL_DISK), "there is no " + FULL_DISK);
      Files.createSymbolicLink(file, FULL_DISK);
      int taken = 0;
      try (FileAuditLog log = FileAuditLog.open(file)) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isWritable(log) && System.nanoTime() < deadline) {
          try {
            log.record(event(taken));
            taken++;
          } catch (AuditException e) {
            // It broke since it was asked.
          }
        }
        AuditException refused = assertThrows(AuditException.class, () -> log.record(event(-1)));
        assertEquals("audit log " + file + " cannot be written", refused.getMessage());

        Files.delete(file);
        await(() -> isWritable(log));
        log.record(event(taken));
      }

      assertTrue(taken > 0);
      assertEquals(numbered(taken + 1), requestIds());
    }

    @Test
    void isWhereItsFolderIsGoneAndNothingGoesToTheOldFile() throws Exception {
      Path logs = Files.createDirectory(folder.resolve("logs"));
      file = logs.resolve("audit.log");
      Path moved = folder.resolve("moved");
      int taken = 0;
      try (FileAuditLog log = FileAuditLog.open(file)) {
        log.record(event(taken++));
        await(() -> !requestIds().isEmpty());
        Files.move(logs, moved);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isWritable(log) && System.nanoTime() < deadline) {
          taken += recordOrBreak(log) && isWritable(log) ? 1 : 0;
          LockSupport.parkNanos(1_000_000);
        }
        List<String> before = Files.readAllLines(moved.resolve("audit.log"));
        LockSupport.parkNanos(3 * FileAuditLog.RETRY_EVERY.toNanos());
        assertEquals(before, Files.readAllLines(moved.resolve("audit.log")));
        Files.createDirectory(logs);
        await(() -> isWritable(log));
      }

      assertTrue(taken > 1);
      assertFalse(requestIds().isEmpty());
    }

    @Test
    void letsNobodyWaitForEver() throws Exception {
      Assumptions.assumeTrue(Files.exists(FULL_DISK), "there is no " + FULL_DISK);
      ExecutorService pool = Executors.newFixedThreadPool(8);
      try (FileAuditLog log = FileAuditLog.open(FULL_DISK)) {
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
          all.add(
              pool.submit(
                  () -> {
                    while (isWritable(log)) {
                      assertTrue(recordOrBreak(log));
                    }
                  }));
        }
        for (Future<?> one : all) {
          one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
      } finally {
        pool.shutdownNow();
      }
    }

    private boolean recordOrBreak(AuditLog log) {
      try {
        log.record(event(0));
        return true;
      } catch (AuditException e) {
        return !isWritable(log);
      }
    }
  }
}
