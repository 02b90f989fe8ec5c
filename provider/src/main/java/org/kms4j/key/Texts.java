package org.kms4j.key;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads a constant from its spelling, case and all; the message lists what would have served. */
final class Texts {
  private Texts() {}

  static <T> T find(T[] values, Function<T, String> text, String wanted, String what) {
    for (T value : values) {
      if (text.apply(value).equals(wanted)) {
        return value;
      }
    }
    String known = Arrays.stream(values).map(text).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown " + what + " '" + wanted + "', known: " + known);
  }
}
