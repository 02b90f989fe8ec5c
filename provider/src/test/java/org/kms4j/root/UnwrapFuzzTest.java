package org.kms4j.root;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.kms4j.provider.Recipe;

/** Unwraps arbitrary bytes, and changed wraps, under changed AAD. */
class UnwrapFuzzTest {
  private static final RootKey ROOT =
      EnvironmentRootKey.load(
          "KEY", Map.of("KEY", Base64.getEncoder().encodeToString(new byte[32])));
  private static final byte[] MATERIAL = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
  private static final byte[] AAD = {2, 7, 1, 8, 2, 8};
  private static final byte[] WRAPPED = ROOT.wrap(MATERIAL, AAD);

  @AfterAll
  static void close() {
    ROOT.close();
  }

  /** The first byte says whether wrap or AAD is changed. */
  @FuzzTest
  void whatWasNotWrappedIsRefused(byte[] data) {
    Recipe recipe = new Recipe(data);
    boolean ofAad = recipe.choice(2) == 1;
    byte[] wrapped = ofAad ? WRAPPED : recipe.change(WRAPPED);
    byte[] aad = ofAad ? recipe.change(AAD) : AAD;
    try {
      byte[] material = ROOT.unwrap(wrapped, aad);

      assertArrayEquals(MATERIAL, material);
      assertArrayEquals(WRAPPED, wrapped);
      assertArrayEquals(AAD, aad);
    } catch (RootKeyException e) {
      assertTrue(String.valueOf(e.getMessage()).contains(ROOT.id()), e.getMessage());
      assertNull(e.getCause());
      assertEquals(RootKeyException.class, e.getClass());
    }
  }
}
