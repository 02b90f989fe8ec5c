package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;

/** A key of every algorithm is made, shown, listed, changed and deleted like any other. */
class EveryAlgorithmTest extends ApiFixture {
  @ParameterizedTest
  @EnumSource
  void livesAndEndsLikeAnyOther(KeyAlgorithm algorithm) throws Exception {
    String name = newName();
    JsonNode made = create(name, algorithm);
    String path = KEYS + "/" + made.get("id").asText();

    assertEquals(algorithm.text(), made.get("algorithm").asText());
    assertEquals(algorithm.usage().text(), made.get("keyUsage").asText());
    assertEquals(1, made.get("version").asInt());
    assertEquals(made, admin.get(path).ok().get("key"));
    assertEquals(
        made, admin.get(KEYS + "/key-name/" + name + "?projectId=" + PROJECT).ok().get("key"));
    assertTrue(listed(name).contains(made));

    JsonNode changed =
        admin.patch(path, body("{'name':'%s','isDisabled':true}", newName())).ok().get("key");
    assertTrue(changed.get("isDisabled").asBoolean());
    assertEquals(changed, admin.get(path).ok().get("key"));
    assertEquals(changed, admin.delete(path).ok().get("key"));
    admin
        .get(path)
        .is(404, "NotFound", body("Key with ID '%s' not found", made.get("id").asText()));
  }

  private static JsonNode create(String name, KeyAlgorithm algorithm) throws Exception {
    return admin
        .post(
            KEYS,
            body(
                "{'projectId':'%s','name':'%s','keyUsage':'%s','algorithm':'%s'}",
                PROJECT, name, algorithm.usage().text(), algorithm.text()))
        .ok()
        .get("key");
  }

  private static List<JsonNode> listed(String name) throws Exception {
    List<JsonNode> keys = new ArrayList<>();
    admin
        .get(KEYS + "?projectId=" + PROJECT + "&search=" + name)
        .ok()
        .get("keys")
        .forEach(keys::add);
    return keys;
  }
}
