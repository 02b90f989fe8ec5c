package org.kms4j.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EnvironmentRootKeyTest {
  private static String base64(byte... key) {
    return Base64.getEncoder().encodeToString(key);
  }

  @Nested
  class Contract extends RootKeyContract {
    @Override
    RootKey open(byte... key) {
      return EnvironmentRootKey.load("SOME_KEY", Map.of("SOME_KEY", base64(key)));
    }
  }

  @Test
  void missingVariableIsNamed() {
    RootKeyException e =
        assertThrows(RootKeyException.class, () -> EnvironmentRootKey.load("K", Map.of()));

    assertTrue(String.valueOf(e.getMessage()).contains("environment variable K"));
  }

  @Test
  void spaceRoundTheTextIsNoMatter() {
    String text = base64(new byte[32]);

    try (RootKey plain = EnvironmentRootKey.load("K", Map.of("K", text));
        RootKey spaced = EnvironmentRootKey.load("K", Map.of("K", " " + text + "\r\n"))) {
      assertEquals(plain.id(), spaced.id());
    }
  }

  @Test
  void badTextIsRefusedWithoutACharacterOfIt() {
    for (String bad : new String[] {"", "?????", "QUJD*FGH", base64(new byte[31]), "Zm9v"}) {
      RootKeyException e =
          assertThrows(
              RootKeyException.class, () -> EnvironmentRootKey.load("K", Map.of("K", bad)));

      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("environment variable K"), message);
      assertTrue(bad.isEmpty() || !message.contains(bad), message);
      assertNull(e.getCause(), "whose message would quote a character");
    }
  }
}
