package org.kms4j.servlet.errand;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code import-infisical FILE}: takes in the keys of a bulk export. The whole file is read and
 * checked before the first key is written.
 *
 * @param file in the format of {@link BulkFile}
 * @param project where the keys shall be
 * @param goodOnly whether the good ones are taken where others are not
 */
record ImportFile(Path file, String project, boolean goodOnly) implements Errand {
  static final String NOTHING = "nothing was imported:";

  @Override
  public boolean makesHome() {
    return true;
  }

  @Override
  public void run(Supplier<OpenHome> home, PrintStream out) {
    Faults faults = new Faults();
    List<Arrival> arrivals = BulkFile.read(file, project, faults);
    try {
      faults.requireNoneUnless(goodOnly, NOTHING);
      try (OpenHome open = home.get()) {
        if (!open.hasProject(project)) {
          throw new IllegalArgumentException("there is no project " + project);
        }
        KeyIntake intake = new KeyIntake(open.keyring(), out);
        List<Arrival> missing = intake.missing(arrivals, faults);
        faults.requireNoneUnless(goodOnly, NOTHING);
        intake.take(missing);
        intake.summarise(faults);
      }
    } finally {
      arrivals.forEach(Arrival::wipe);
    }
  }
}
