package org.kms4j.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileRootKeyTest {
  private Path folder;

  @BeforeEach
  void in(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path file(String text, String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("root.key"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Nested
  class Contract extends RootKeyContract {
    @Override
    RootKey open(byte... key) throws IOException {
      return FileRootKey.load(file(Base64.getEncoder().encodeToString(key) + "\n", "rw-------"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw-r-----", "rw----r--", "rw--w----", "rw------x"})
  void fileOpenToOthersIsRefusedWithTheCommandThatMendsIt(String open) throws Exception {
    Path file = file("A".repeat(43) + "=", open);

    RootKeyException e = assertThrows(RootKeyException.class, () -> FileRootKey.load(file));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("chmod 600 " + file), message);
    assertTrue(message.contains(open), message);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    FileRootKey.load(file).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "QUJD*FGH", "QUJDREVGRw", "AAAA", "YWJjZGVmZ2hpamtsbW5vcA=="})
  void badContentIsRefusedWithoutACharacterOfIt(String bad) throws Exception {
    Path file = file(bad, "rw-------");

    RootKeyException e = assertThrows(RootKeyException.class, () -> FileRootKey.load(file));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(file.toString()), message);
    assertFalse(!bad.isEmpty() && message.contains(bad), message);
    assertFalse(message.contains("2a"), "the odd character: " + message);
    assertNull(e.getCause());
  }

  @Test
  void missingFileIsNamed() {
    Path file = folder.resolve("nowhere.key");

    RootKeyException e = assertThrows(RootKeyException.class, () -> FileRootKey.load(file));

    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()));
  }

  @Test
  void createdFileIsForItsOwnerAloneAndIsReadAgain() throws Exception {
    Path file = folder.resolve("root.key");
    try (RootKey made = FileRootKey.loadOrCreate(file);
        RootKey again = FileRootKey.loadOrCreate(file);
        RootKey loaded = FileRootKey.load(file)) {

      assertEquals("rw-------", permissions(file));
      assertEquals(made.id(), again.id());
      assertEquals(made.id(), loaded.id());
      assertEquals(32, Base64.getDecoder().decode(Files.readString(file)).length);
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList(), "no draft is left");
    }
  }

  @Test
  void threadsThatCreateAtOnceGetOneKey() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 50; round++) {
      Path file = folder.resolve(round + ".key");
      CyclicBarrier go = new CyclicBarrier(4);
      Set<String> ids = ConcurrentHashMap.newKeySet();
      List<Future<Boolean>> creating = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        creating.add(
            pool.submit(
                () -> {
                  go.await();
                  try (RootKey root = FileRootKey.loadOrCreate(file)) {
                    return ids.add(root.id());
                  }
                }));
      }
      int first = 0;
      for (Future<Boolean> one : creating) {
        first += one.get() ? 1 : 0;
      }

      assertEquals(1, first);
      assertEquals(1, ids.size());
    }
    pool.shutdown();
  }

  @Test
  void folderThatIsNotThereIsNamed() {
    Path file = folder.resolve("no/such/root.key");

    RootKeyException e = assertThrows(RootKeyException.class, () -> FileRootKey.loadOrCreate(file));

    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()));
  }
}
