package org.kms4j.servlet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents of one array. */
class ArrayDocumentTest {
  private static List<String> read(String json) throws RefusedException {
    List<String> names = new ArrayList<>();
    ArrayDocument.read(
        json.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        "keys",
        (number, object) -> names.add(number + object.text("name")));
    return names;
  }

  @Test
  void objectsAreReadInTheirOrder() throws Exception {
    assertEquals(List.of("1a", "2b"), read("{'keys':[{'name':'a'},{'x':[{}],'name':'b'}]}"));
    assertEquals(List.of(), read(" {'keys' : [ ] } "));
  }

  @Test
  void otherMembersOfTheDocumentAreIgnored() throws Exception {
    assertEquals(List.of("1a"), read("{'x':{'keys':1},'keys':[{'name':'a'}],'errors':[]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|is not a JSON object",
        "[]|is not a JSON object",
        "{}|has no member 'keys'",
        "{'keys':{}}|has a member 'keys' that is not an array",
        "{'keys':[],'keys':[]}|has the member 'keys' twice",
        "{'keys':[{},1]}|has an entry 2 that is not an object",
        "{'keys':[{'a':1,'a':2}]}|has a member twice in entry 1",
        "{'keys':[]}{}|is more than one JSON value",
        "{'keys':[{'secret':'SECRET|is not valid JSON at line 1, column 27",
        "{'keys':[SECRET]}|is not valid JSON at line 1, column 10"
      })
  void anotherShapeIsRefusedWithoutQuotingIt(String json, String message) {
    RefusedException e = assertThrows(RefusedException.class, () -> read(json));

    assertEquals(message, e.getMessage());
  }

  @Test
  void neitherUtf16NorUtf32() {
    byte[] strange = {0, 0, (byte) 0xfe, (byte) 0xff, 1, 2, 3};

    RefusedException e =
        assertThrows(
            RefusedException.class, () -> ArrayDocument.read(strange, "keys", (n, o) -> {}));

    assertTrue(String.valueOf(e.getMessage()).startsWith("is not "));
  }
}
