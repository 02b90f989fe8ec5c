package org.kms4j.launch;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What several processes did to keys, as they told it line by line, and what of that breaks a
 * promise. Times are those of the nano clock, which the processes of one machine share.
 *
 * <p>A line: {@code <what> <key> <began> <ended> <detail> .}; without the full stop it was cut off
 * by a kill, and is no acknowledgement. {@code enabling} is told before it is done, since a key may
 * be enabled though nobody lived to say so. What {@code failed} may have been counted.
 */
final class History {
  static final int PLAINTEXT_BYTES = 16;
  static final int XAES_OVERHEAD = 77;
  static final int V01_OVERHEAD = 31;
  static final int V02_OVERHEAD = 35;

  /** After which an enabling that nobody acknowledged has happened, or never will. */
  private static final long LATEST_NANOS = Duration.ofSeconds(8).toNanos();

  private final Map<String, Key> keys = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();

  /** One process and one version of a key. */
  record Holder(String process, int version) {}

  /** A message, of which key, and who made it. */
  record Sealed(String key, String process, String base64) {
    byte[] bytes() {
      return Base64.getDecoder().decode(base64);
    }

    /** That which it names; see FORMAT.md. */
    int version() {
      ByteBuffer message = ByteBuffer.wrap(bytes());
      int overhead = message.capacity() - PLAINTEXT_BYTES;
      return switch (overhead) {
        case XAES_OVERHEAD -> message.getInt(1);
        case V01_OVERHEAD -> 1;
        case V02_OVERHEAD -> message.getInt(message.capacity() - 7);
        default -> throw new IllegalStateException("a message of " + message.capacity());
      };
    }
  }

  /** What opens a message; whatever it throws, the message does not open. */
  @FunctionalInterface
  interface Opener {
    byte[] open(Sealed message) throws Exception;
  }

  private record Span(long began, long ended, int version) {}

  private static final class Key {
    private final List<Span> seals = new ArrayList<>();
    private final List<Sealed> messages = new ArrayList<>();
    private final List<Span> enabled = new ArrayList<>();
    private final TreeMap<Long, Span> disabled = new TreeMap<>();
    private final TreeMap<Long, Span> rotated = new TreeMap<>();
    private final Set<Integer> versions = new TreeSet<>();
    private final Set<Integer> refused = new TreeSet<>();
    private final Map<String, Integer> failed = new HashMap<>();
  }

  /** What one process has told. */
  void add(String process, List<String> lines) {
    lines.forEach(line -> add(process, line));
  }

  private void add(String process, String line) {
    String[] word = line.split(" ", -1);
    if (!word[word.length - 1].equals(".")) {
      return;
    }
    Key key = keys.computeIfAbsent(word[1], id -> new Key());
    long began = Long.parseLong(word[2]);
    long ended = Long.parseLong(word[3]);
    switch (word[0]) {
      case "sealed" -> {
        Sealed message = new Sealed(word[1], process, word[4]);
        key.messages.add(message);
        key.seals.add(new Span(began, ended, message.version()));
      }
      case "enabling" -> key.enabled.add(new Span(began, began + LATEST_NANOS, 0));
      case "enabled" -> {
        // Its enabling, told by the same process at the same time, need not be guessed at.
        key.enabled.removeIf(e -> e.began() == began);
        key.enabled.add(new Span(began, ended, 0));
      }
      case "disabled" -> key.disabled.put(ended, new Span(began, ended, 0));
      case "rotated" -> {
        int version = Integer.parseInt(word[4]);
        key.rotated.put(ended, new Span(began, ended, version));
        if (!key.versions.add(version)) {
          violations.add("version " + version + " of " + word[1] + " was made twice");
        }
      }
      case "refused" -> key.refused.add(Integer.parseInt(word[4]));
      case "failed" -> key.failed.merge(process, 1, Integer::sum);
      default -> throw new IllegalArgumentException(line);
    }
  }

  /** All messages of which somebody was told. */
  List<Sealed> messages() {
    return keys.values().stream().flatMap(k -> k.messages.stream()).toList();
  }

  int disables() {
    return keys.values().stream().mapToInt(k -> k.disabled.size()).sum();
  }

  int rotations() {
    return keys.values().stream().mapToInt(k -> k.rotated.size()).sum();
  }

  /** How often each process sealed under each version of a key. */
  Map<Holder, Long> seals(String key) {
    return of(key).messages.stream()
        .collect(groupingBy(m -> new Holder(m.process(), m.version()), counting()));
  }

  /** The versions that were refused because they are spent. */
  Set<Integer> refused(String key) {
    return of(key).refused;
  }

  /** How often a process failed to seal under a key, and may have spent something. */
  int failed(String key, String process) {
    return of(key).failed.getOrDefault(process, 0);
  }

  private Key of(String key) {
    return keys.getOrDefault(key, new Key());
  }

  /** The versions that were acknowledged, or sealed under, and are not in the store. */
  List<String> lost(String key, Set<Integer> stored) {
    Set<Integer> known = new TreeSet<>(of(key).versions);
    of(key).messages.forEach(message -> known.add(message.version()));
    known.removeAll(stored);
    return known.stream()
        .map(version -> "version %d of %s is lost".formatted(version, key))
        .toList();
  }

  /** The messages that do not open to what was sealed. */
  List<String> unopened(Opener opener) {
    List<String> all = new ArrayList<>();
    for (Sealed message : messages()) {
      try {
        if (!Arrays.equals(new byte[PLAINTEXT_BYTES], opener.open(message))) {
          all.add(message + " opens to something else");
        }
      } catch (Exception e) {
        all.add(message + ": " + e);
      }
    }
    return all;
  }

  /** What broke a promise, in words. */
  List<String> violations() {
    List<String> all = new ArrayList<>(violations);
    keys.forEach(
        (id, key) -> {
          NavigableMap<Long, Integer> least = least(key);
          for (Span seal : key.seals) {
            Map.Entry<Long, Span> off = key.disabled.lowerEntry(seal.began());
            if (off != null && neverOn(key, off.getValue(), seal)) {
              all.add("%s sealed %s after %s".formatted(id, seal, off.getValue()));
            }
            Map.Entry<Long, Integer> version = least.lowerEntry(seal.began());
            if (version != null && seal.version() < version.getValue()) {
              all.add("%s sealed %s after version %s".formatted(id, seal, version));
            }
          }
        });
    return all;
  }

  /** Whether nobody can have enabled the key after it was disabled and before the seal ended. */
  private static boolean neverOn(Key key, Span off, Span seal) {
    return key.enabled.stream()
        .noneMatch(on -> on.ended() > off.began() && on.began() < seal.ended());
  }

  /** Below which version nothing is sealed any more, by when that was acknowledged. */
  private static NavigableMap<Long, Integer> least(Key key) {
    NavigableMap<Long, Integer> least = new TreeMap<>();
    int version = 1;
    for (Map.Entry<Long, Span> rotated : key.rotated.entrySet()) {
      version = Math.max(version, rotated.getValue().version());
      least.put(rotated.getKey(), version);
    }
    return least;
  }
}
