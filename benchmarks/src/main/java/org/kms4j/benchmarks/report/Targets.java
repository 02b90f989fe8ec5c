package org.kms4j.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.kms4j.benchmarks.peer.Peer;
import org.kms4j.benchmarks.report.Target.Bars;

/** What this project has promised itself, measured side by side in one run. */
final class Targets {
  private static final double NONE = Double.NaN;

  private Targets() {}

  /** All of them, in the order of the table. */
  static List<Target> all() {
    List<Target> targets = new ArrayList<>();
    for (String way : List.of("encrypt", "decrypt")) {
      targets.add(overRaw(way, 16, Bars.atMost(1.20, NONE)));
      targets.add(overRaw(way, 256, Bars.atMost(1.15, 1.05)));
      targets.add(overRaw(way, 4_096, Bars.atMost(1.05, NONE)));
      targets.add(
          both(
              way + " 256 B, over ordinary code (shared SecureRandom)",
              Bars.atMost(0.95, 0.85),
              ratio(way, 256, Peer.KMS_AES_REUSED, Peer.SUNJCE_SHARED_RANDOM)));
      targets.add(
          new Target(
              way + " 256 B, getInstance each time, over raw doing the same",
              Bars.atMost(0.40, 0.32),
              Bars.atMost(0.50, 0.42),
              ratio(way, 256, Peer.KMS_AES_EACH, Peer.SUNJCE_EACH)));
      targets.add(
          both(way + " 256 B, bytes allocated beyond raw", Bars.atMost(64, NONE), allocated(way)));
      targets.add(tink(way, 16, Bars.atLeast(2.4, 2.8)));
      targets.add(tink(way, 256, Bars.atLeast(1.9, 2.2)));
      targets.add(tink(way, 1_024, Bars.atLeast(1.6, 1.75)));
      targets.add(tink(way, 4_096, Bars.atLeast(1.2, 1.3)));
      targets.add(
          new Target(
              way + " 256 B, Tink XAES ÷ our xaes-256-gcm",
              Bars.atLeast(1.2, 1.3),
              Bars.atLeast(1.5, 1.75),
              ratio(way, 256, Peer.TINK_XAES, Peer.KMS_XAES_REUSED)));
      targets.add(
          both(
              way + " 256 B, ESDK with caching ÷ ours",
              Bars.atLeast(25, 28),
              ratio(way, 256, Peer.ESDK_CACHING, Peer.KMS_AES_REUSED)));
      targets.add(
          both(
              way + " 256 B, ESDK unsigned ÷ ours",
              Bars.atLeast(80, 90),
              ratio(way, 256, Peer.ESDK_KEYRING, Peer.KMS_AES_REUSED)));
      targets.add(
          both(
              way + " 16 B, throughput of two threads on one key over one thread",
              Bars.atLeast(1.8, 1.95),
              twoThreads(way)));
      targets.add(
          both(
              way + " 256 B, 1,000 keys in random order over one key",
              Bars.atMost(1.5, 1.2),
              manyKeys(way.equals("encrypt") ? "seal" : "open")));
      targets.add(
          both(
              way + " 1 MiB, warm, speed over raw warm",
              Bars.atLeast(0.92, 1.0),
              ratio(way, 1 << 20, Peer.SUNJCE_RAW, Peer.KMS_AES_REUSED)));
      targets.add(first(way, 0));
      targets.add(first(way, 2_000));
    }
    return targets;
  }

  private static Target both(String what, Bars bars, Target.Measure measure) {
    return new Target(what, bars, bars, measure);
  }

  private static Target overRaw(String way, int size, Bars bars) {
    return both(
        "%s %s, one Cipher reused, over raw".formatted(way, Tables.bytes(size)),
        bars,
        ratio(way, size, Peer.KMS_AES_REUSED, Peer.SUNJCE_RAW));
  }

  private static Target tink(String way, int size, Bars bars) {
    return both(
        "%s %s, Tink AES-GCM ÷ ours".formatted(way, Tables.bytes(size)),
        bars,
        ratio(way, size, Peer.TINK_AES, Peer.KMS_AES_REUSED));
  }

  private static Target first(String way, int pause) {
    String name = "ColdStartBenchmark." + (way.equals("encrypt") ? "seal" : "open");
    String wait = Integer.toString(pause);
    return both(
        "%s, first 1 MiB in a fresh JVM %,d ms after start: SunJCE ÷ ours".formatted(way, pause),
        Bars.atLeast(20, 30),
        (results, jdk) ->
            quotient(
                results.find(jdk, name, Map.of("peer", Peer.SUNJCE_RAW.name(), "pause", wait)),
                results.find(jdk, name, Map.of("peer", Peer.KMS_AES_REUSED.name(), "pause", wait)),
                cell -> cell.nanosOf(1).orElseThrow()));
  }

  /** Time over time of one size. */
  private static Target.Measure ratio(String way, int size, Peer above, Peer below) {
    return (results, jdk) ->
        quotient(
            cipher(results, jdk, way, size, above, 1),
            cipher(results, jdk, way, size, below, 1),
            Cell::nanos);
  }

  private static Target.Measure allocated(String way) {
    return (results, jdk) -> {
      OptionalDouble ours = bytes(cipher(results, jdk, way, 256, Peer.KMS_AES_REUSED, 1));
      OptionalDouble raw = bytes(cipher(results, jdk, way, 256, Peer.SUNJCE_RAW, 1));
      return ours.isPresent() && raw.isPresent()
          ? OptionalDouble.of(ours.getAsDouble() - raw.getAsDouble())
          : OptionalDouble.empty();
    };
  }

  private static OptionalDouble bytes(Optional<Cell> cell) {
    return cell.map(Cell::bytes).orElse(OptionalDouble.empty());
  }

  /** JMH gives the time of one operation of one thread, so two threads do two in that time. */
  private static Target.Measure twoThreads(String way) {
    return (results, jdk) -> {
      OptionalDouble ratio =
          quotient(
              cipher(results, jdk, way, 16, Peer.KMS_AES_REUSED, 1),
              cipher(results, jdk, way, 16, Peer.KMS_AES_REUSED, 2),
              Cell::nanos);
      return ratio.isPresent() ? OptionalDouble.of(2 * ratio.getAsDouble()) : ratio;
    };
  }

  private static Target.Measure manyKeys(String method) {
    return (results, jdk) ->
        quotient(
            results.find(jdk, "KeyringBenchmark." + method, Map.of("keys", "1000")),
            results.find(jdk, "KeyringBenchmark." + method, Map.of("keys", "1")),
            Cell::nanos);
  }

  private static Optional<Cell> cipher(
      Results results, String jdk, String way, int size, Peer peer, int threads) {
    Map<String, String> params =
        Map.of("peer", peer.name(), "size", Integer.toString(size), "aad", "0");
    return results.find(jdk, "CipherBenchmark." + way, params, threads);
  }

  private static OptionalDouble quotient(
      Optional<Cell> above, Optional<Cell> below, ToDoubleFunction<Cell> of) {
    return above.isPresent() && below.isPresent()
        ? OptionalDouble.of(of.applyAsDouble(above.get()) / of.applyAsDouble(below.get()))
        : OptionalDouble.empty();
  }
}
