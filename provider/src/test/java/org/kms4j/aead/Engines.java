package org.kms4j.aead;

import java.security.ProviderException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The engines that this machine has; of the others the run says why not. */
final class Engines {
  private Engines() {}

  static Stream<Engine> present() {
    return Stream.<Supplier<Engine>>of(Engine::sunJce, Engine::accp, Engine::conscrypt)
        .flatMap(Engines::ifPresent);
  }

  private static Stream<Engine> ifPresent(Supplier<Engine> engine) {
    try {
      return Stream.of(engine.get());
    } catch (ProviderException e) {
      System.out.println("[engines] skipped: " + e.getMessage());
      return Stream.empty();
    }
  }
}
