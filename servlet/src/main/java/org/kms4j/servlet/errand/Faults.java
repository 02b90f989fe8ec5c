package org.kms4j.servlet.errand;

import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with the keys that shall move, a line each.
 *
 * <p>Threat: material, or bytes that steer a terminal, in what is printed. Who adds a fault adds a
 * text of ours; a name is shown if it is one that a key may have.
 *
 * <p>For use by one thread.
 */
final class Faults {
  private static final int MAX_NAME_CHARS = 255;

  private final List<String> lines = new ArrayList<>();

  /** Names a key by its place and, where that can be shown, its name. */
  static String place(String what, String name) {
    boolean shown =
        !name.isEmpty()
            && name.length() <= MAX_NAME_CHARS
            && name.chars().noneMatch(Character::isISOControl);
    return shown ? what + " (" + name + ")" : what;
  }

  void add(String place, String text) {
    lines.add(place + ": " + text);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /**
   * Returns if there is none, or the good ones go without the others.
   *
   * @param heading what has become of the errand
   */
  void requireNoneUnless(boolean goodOnly, String heading) {
    if (!goodOnly) {
      requireNone(heading);
    }
  }

  /**
   * Returns if there is none.
   *
   * @param heading what has become of the errand
   */
  void requireNone(String heading) {
    if (!lines.isEmpty()) {
      throw new IllegalArgumentException(heading + "\n  " + String.join("\n  ", lines));
    }
  }
}
