package org.kms4j.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kms4j.conformance.Conformance;

/** A JVM whose path has no Bouncy Castle. */
class BouncyCastleAbsentTest {
  @Test
  @Conformance("C-56")
  void allSignsButMlDsaWhichIsRefusedWhereTheJdkLacksIt(@TempDir Path home) throws Exception {
    try (Jvm jvm = Jvm.onClassPath(Child.class, "sign", home.toString())) {
      List<String> lines = jvm.lines();

      // The JDK's own is named, since another test may have registered Bouncy Castle here.
      boolean jdkHasIt = Security.getProvider("SUN").getService("Signature", "ML-DSA") != null;
      String mlDsa =
          jdkHasIt
              ? "signed ML-DSA"
              : "refused ML-DSA: ML-DSA needs JDK 24 or newer, or Bouncy Castle (bcprov) on the path";
      assertEquals(List.of("signed SHA256withECDSA", mlDsa, "offers ML-DSA: " + jdkHasIt), lines);
    }
  }
}
