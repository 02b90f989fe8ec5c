package org.kms4j.servlet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kms4j.servlet.ApiClient.Answer;
import org.kms4j.servlet.StrictReader.Grant;
import org.kms4j.servlet.StrictReader.Opened;
import org.kms4j.servlet.StrictReader.RustKeyAnswer;
import org.kms4j.servlet.StrictReader.Sealed;

/** Bodies that are no JSON object and yet arrive, and what upstream makes of them. */
class OddBodiesTest extends ApiFixture {
  private static final String FORM = "application/x-www-form-urlencoded";

  @Test
  void anyBodyOfADeleteIsIgnored() throws Exception {
    assertEquals(200, bodiless("DELETE", KEYS + "/" + newKey()).status());
    for (String body : List.of("", "null", "{}", body("{'KeyId':'x'}"), "[]", "no JSON")) {
      assertEquals(200, sent("DELETE", KEYS + "/" + newKey(), body).status(), body);
    }
  }

  private static Answer asForm(String path, Map<String, String> members) throws Exception {
    StringBuilder form = new StringBuilder();
    members.forEach(
        (name, value) ->
            form.append(form.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return admin.send("POST", path, FORM, BodyPublishers.ofString(form.toString()));
  }

  @Test
  void aFormIsAsGoodAsJson() throws Exception {
    JsonNode bootstrap = ApiClient.JSON.readTree(home.resolve("bootstrap.json").toFile());
    StrictReader.read(
        asForm(
            ApiClient.LOGIN,
            Map.of(
                "clientId", bootstrap.get("clientId").asText(),
                "clientSecret", bootstrap.get("clientSecret").asText())),
        Grant.class);
    Answer made = asForm(KEYS, Map.of("projectId", PROJECT, "name", newName()));
    String keyId = StrictReader.read(made, RustKeyAnswer.class).key().id();

    byte[] text = {(byte) 0xfb, (byte) 0xff, (byte) 0xfe, 0};
    Answer sealed = asForm(path(keyId, "encrypt"), Map.of("plaintext", ApiClient.base64(text)));

    String ciphertext = StrictReader.read(sealed, Sealed.class).ciphertext();
    Answer opened = asForm(path(keyId, "decrypt"), Map.of("ciphertext", ciphertext));
    assertArrayEquals(
        text, Base64.getDecoder().decode(StrictReader.read(opened, Opened.class).plaintext()));
  }

  @Test
  void aTextIsNoObject() throws Exception {
    BodyPublisher text = BodyPublishers.ofString(body("{'plaintext':'aGVsbG8='}"));

    Answer answer = admin.send("POST", path(newKey(), "encrypt"), "text/plain", text);

    assertIssues(answer, "Invalid input: expected object, received string");
  }

  @Test
  void nothingAtAllIsNoObjectEither() throws Exception {
    Answer answer = bodiless("POST", path(newKey(), "encrypt"));

    assertIssues(answer, "Invalid input: expected object, received null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON"
      })
  void theContentTypeIsSpeltInManyWays(String type) throws Exception {
    BodyPublisher order = BodyPublishers.ofString(body("{'plaintext':'aGVsbG8='}"));

    StrictReader.read(admin.send("POST", path(newKey(), "encrypt"), type, order), Sealed.class);
  }

  @Test
  void aRotationHasABodyOrNone() throws Exception {
    String rotate = path(newKey(), "rotate");

    assertEquals(
        2, StrictReader.read(bodiless("POST", rotate), RustKeyAnswer.class).key().version());
    assertEquals(
        3, StrictReader.read(sent("POST", rotate, "{}"), RustKeyAnswer.class).key().version());
    assertEquals(
        4, StrictReader.read(sent("POST", rotate, ""), RustKeyAnswer.class).key().version());
  }
}
