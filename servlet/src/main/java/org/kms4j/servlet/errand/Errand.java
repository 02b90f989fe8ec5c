package org.kms4j.servlet.errand;

import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * A verb of the command line: something that is done to a home folder, once.
 *
 * <p>What is wrong with what was asked is an {@link IllegalArgumentException}, of one line or of
 * one line a fault; what is wrong with the world is another exception.
 */
public interface Errand {
  /** Whether a home folder that is not there is to be made. */
  boolean makesHome();

  /**
   * Does it.
   *
   * @param home opens the home folder; asked once all is checked that needs none
   * @param out takes what was done, a line each
   */
  void run(Supplier<OpenHome> home, PrintStream out);
}
