package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kms4j.servlet.StrictReader.RustKeyAnswer;

/** A reader that is to find faults has to find those that are planted. */
class StrictReaderTest extends ApiFixture {
  @Test
  void refusesAKeyWithoutAnyOfItsMembersOrWithOneOfAnotherType() throws Exception {
    ObjectNode answer = (ObjectNode) admin.get(KEYS + "/" + newKey()).ok();
    ObjectNode key = (ObjectNode) answer.get("key");
    StrictReader.readText(answer.toString(), RustKeyAnswer.class);

    for (String member : names(key)) {
      if (List.of("algorithm", "isExportable").contains(member)) {
        continue;
      }
      JsonNode value = key.get(member);
      key.remove(member);
      assertRefused(answer, member + " is absent");
      key.putNull(member);
      assertRefused(answer, member + " is null");
      if (value.isTextual()) {
        key.put(member, 5);
      } else {
        key.put(member, value.asText());
      }
      assertRefused(answer, member + " is of another type");
      key.set(member, value);
    }
    key.put("version", 1.5);
    assertRefused(answer, "version is no integer");
  }

  private static void assertRefused(JsonNode answer, String why) {
    assertThrows(
        JsonProcessingException.class,
        () -> StrictReader.readText(answer.toString(), RustKeyAnswer.class),
        why);
  }
}
