package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTextTest {
  @Test
  void namesAndValuesAreDecoded() throws Exception {
    ObjectNode query = UrlText.query("a=1+2&b=%C3%A9&c&=x&a=%2B&&d=e=f");

    assertEquals(
        "{\"a\":[\"1 2\",\"+\"],\"b\":\"é\",\"c\":\"\",\"\":\"x\",\"d\":\"e=f\"}",
        query.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%1", "a=%zz", "a=%C3", "a=%C3%28", "%ff=1", "a=%+1", "a=%４１"})
  void whatIsBrokenIsRefused(String query) {
    assertEquals(
        "Malformed URL encoding in query parameters",
        assertThrows(RefusedException.class, () -> UrlText.query(query)).getMessage());
  }

  @Test
  void theMessageSaysWhereItIsBroken() {
    assertEquals(
        "Malformed URL encoding in path",
        assertThrows(RefusedException.class, () -> UrlText.segment("%zz")).getMessage());
    assertEquals(
        "Malformed URL encoding in the body",
        assertThrows(RefusedException.class, () -> UrlText.form("a=%zz")).getMessage());
  }

  @Test
  void aPlusInAPathIsAPlus() throws Exception {
    assertEquals("a+b c", UrlText.segment("a+b%20c"));
  }
}
