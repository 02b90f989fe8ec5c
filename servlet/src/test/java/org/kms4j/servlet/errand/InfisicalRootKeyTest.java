package org.kms4j.servlet.errand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two wraps of an Infisical server. */
class InfisicalRootKeyTest {
  private static final String OUTER = "0123456789abcdef0123456789abcdef";
  private static final byte[] OUTER_BYTES = OUTER.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ROOT = HomeCase.material(7, 32);
  private static final byte[] KEY = HomeCase.material(8, 16);

  private static byte[] opened(Map<String, String> environment) throws Exception {
    byte[] wrap = InfisicalTables.wrap(OUTER_BYTES, ROOT);
    return InfisicalRootKey.open(environment, List.of(wrap))
        .unwrap(InfisicalTables.wrap(ROOT, KEY));
  }

  @Test
  void thirtyTwoCharactersAreTheKeyItself() throws Exception {
    assertArrayEquals(KEY, opened(Map.of("ENCRYPTION_KEY", OUTER)));
  }

  @Test
  void theOtherVariableIsBase64AndLoses() throws Exception {
    String base64 = Base64.getEncoder().encodeToString(OUTER_BYTES);

    assertArrayEquals(KEY, opened(Map.of("ROOT_ENCRYPTION_KEY", base64)));
    assertArrayEquals(KEY, opened(Map.of("ROOT_ENCRYPTION_KEY", base64, "ENCRYPTION_KEY", "")));
    assertArrayEquals(KEY, opened(Map.of("ENCRYPTION_KEY", OUTER, "ROOT_ENCRYPTION_KEY", "x")));
  }

  @Test
  void anyChangeOfAWrapIsNoticed() throws Exception {
    InfisicalRootKey root =
        InfisicalRootKey.open(
            Map.of("ENCRYPTION_KEY", OUTER), List.of(InfisicalTables.wrap(OUTER_BYTES, ROOT)));
    byte[] wrap = InfisicalTables.wrap(ROOT, KEY);
    for (int at = 0; at < wrap.length; at++) {
      byte[] changed = wrap.clone();
      changed[at] ^= 1;
      assertThrows(AEADBadTagException.class, () -> root.unwrap(changed));
    }
    for (int length = 0; length < wrap.length; length++) {
      byte[] cut = Arrays.copyOf(wrap, length);
      assertThrows(AEADBadTagException.class, () -> root.unwrap(cut));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ENCRYPTION_KEY,0123456789abcdef,ENCRYPTION_KEY is no key of 32 bytes",
    "ROOT_ENCRYPTION_KEY,not base64!,ROOT_ENCRYPTION_KEY is no key of 32 bytes",
    "ENCRYPTION_KEY,zzzz456789abcdef0123456789abcdef,"
        + "ENCRYPTION_KEY does not open the root key of this database",
    "OTHER,x,the environment has neither ENCRYPTION_KEY nor ROOT_ENCRYPTION_KEY"
  })
  void aKeyThatIsWrongIsNamedByItsVariable(String variable, String value, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> opened(Map.of(variable, value)));

    assertEquals(message, e.getMessage());
  }
}
