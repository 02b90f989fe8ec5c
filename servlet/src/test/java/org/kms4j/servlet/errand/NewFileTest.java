package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that appear whole or not at all. */
class NewFileTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("f");
  }

  private List<Path> files() throws Exception {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void isItsOwnersAloneWhileItIsWrittenAndAfterwards() throws Exception {
    try (NewFile target = NewFile.begin(file)) {
      assertEquals(1, files().size());
      assertEquals("rw-------", mode(files().get(0)));
      assertFalse(Files.exists(file), "not before it is whole");
      try (var out = target.stream()) {
        out.write('x');
      }
      target.publish();
    }

    assertEquals(List.of(file), files());
    assertEquals("rw-------", mode(file));
    assertEquals("x", Files.readString(file));
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void leavesNothingWhenItIsNotPublished() throws Exception {
    try (NewFile target = NewFile.begin(file)) {
      try (var out = target.stream()) {
        out.write('x');
      }
    }

    assertEquals(List.of(), files());
  }

  @Test
  void overwritesNothingThatWasThereOrCameMeanwhile() throws Exception {
    try (NewFile target = NewFile.begin(file)) {
      Files.writeString(file, "mine");

      assertThrows(IllegalArgumentException.class, target::publish);
    }
    assertThrows(IllegalArgumentException.class, () -> NewFile.begin(file).close());

    assertEquals("mine", Files.readString(file));
    assertEquals(List.of(file), files());
  }

  @Test
  void doesNotFollowALinkToNowhere() throws Exception {
    Files.createSymbolicLink(file, folder.resolve("elsewhere"));

    assertThrows(IllegalArgumentException.class, () -> NewFile.begin(file).close());
  }
}
