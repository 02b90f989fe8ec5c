package org.kms4j.servlet.errand;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The words behind a verb, sorted: options with a value, flags, and the rest.
 *
 * <p>Immutable once parsed.
 */
final class Words {
  private final List<String> operands = new ArrayList<>();
  private final Map<String, List<String>> options = new HashMap<>();
  private final Set<String> flags = new HashSet<>();

  private Words() {}

  /** Sorts them; throws {@link IllegalArgumentException} naming the first that is wrong. */
  static Words parse(List<String> words, Set<String> valued, Set<String> known) {
    Words line = new Words();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-")) {
        line.operands.add(word);
      } else if (known.contains(word)) {
        line.flags.add(word);
      } else if (!valued.contains(word)) {
        throw new IllegalArgumentException("unknown option '" + word + "', see --help");
      } else if (++i == words.size()) {
        throw new IllegalArgumentException("option " + word + " wants a value");
      } else {
        line.options.computeIfAbsent(word, w -> new ArrayList<>()).add(words.get(i));
      }
    }
    return line;
  }

  List<String> operands() {
    return List.copyOf(operands);
  }

  /** The values of an option that may be given more than once. */
  List<String> options(String name) {
    return List.copyOf(options.getOrDefault(name, List.of()));
  }

  /** The value of an option that may be given once. */
  Optional<String> option(String name) {
    List<String> values = options(name);
    if (values.size() > 1) {
      throw new IllegalArgumentException("option " + name + " is given twice");
    }
    return values.stream().findFirst();
  }

  boolean flag(String name) {
    return flags.contains(name);
  }
}
