package org.kms4j.launch;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What several processes did to keys, as they told it line by line, and what of that breaks a
 * promise. Times are those of the nano clock, which the processes of one machine share.
 *
 * <p>A line: {@code <what> <key> <began> <ended> <detail> .}; without the full stop it was cut off
 * by a kill, and is no acknowledgement. {@code enabling} is told before it is done, since a key may
 * be enabled though nobody lived to say so.
 */
final class History {
  /** After which an enabling that nobody acknowledged has happened, or never will. */
  private static final long LATEST_NANOS = Duration.ofSeconds(8).toNanos();

  private final Map<String, Key> keys = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();

  /** A message, and of which key. */
  record Sealed(String key, String base64) {
    byte[] bytes() {
      return Base64.getDecoder().decode(base64);
    }

    int version() {
      // Of xaes-256-gcm: behind the first byte.
      return ByteBuffer.wrap(bytes()).getInt(1);
    }
  }

  private record Span(long began, long ended, int version) {}

  private static final class Key {
    private final List<Span> seals = new ArrayList<>();
    private final List<Sealed> messages = new ArrayList<>();
    private final List<Span> enabled = new ArrayList<>();
    private final TreeMap<Long, Span> disabled = new TreeMap<>();
    private final TreeMap<Long, Span> rotated = new TreeMap<>();
    private final Set<Integer> versions = new HashSet<>();
  }

  void add(List<String> lines) {
    lines.forEach(this::add);
  }

  private void add(String line) {
    String[] word = line.split(" ", -1);
    if (!word[word.length - 1].equals(".")) {
      return;
    }
    Key key = keys.computeIfAbsent(word[1], id -> new Key());
    long began = Long.parseLong(word[2]);
    long ended = Long.parseLong(word[3]);
    switch (word[0]) {
      case "sealed" -> {
        Sealed message = new Sealed(word[1], word[4]);
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

  /** The highest version that was acknowledged. */
  int newest(String key) {
    Key found = keys.get(key);
    return found == null ? 1 : found.versions.stream().max(Integer::compare).orElse(1);
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
