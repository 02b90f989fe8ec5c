package org.kms4j.servlet.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * A JSON document that is an object with one array of objects, which are read one after another: of
 * a large document one object at a time is a tree.
 *
 * <p>Threat: what the document holds in a message. Messages name places and members alone.
 */
public final class ArrayDocument {
  private final JsonParser parser;
  private final String array;

  private ArrayDocument(JsonParser parser, String array) {
    this.parser = parser;
    this.array = array;
  }

  /** What to do with each object. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Takes one.
     *
     * @param number the object's place in the array, from 1
     */
    void read(int number, Fields object);
  }

  /**
   * Reads the objects in the member {@code array} of the document; other members are ignored.
   *
   * @throws RefusedException if the document is not of that shape; says where
   */
  public static void read(byte[] document, String array, Reader reader) throws RefusedException {
    try (JsonParser parser = Json.parser(document)) {
      new ArrayDocument(parser, array).read(reader);
    } catch (JsonProcessingException e) {
      throw RefusedException.badRequest("is not valid JSON" + place(e.getLocation()));
    } catch (IOException e) {
      // It is in memory: it was taken for UTF-16 or UTF-32, and is neither.
      throw RefusedException.badRequest("is not valid JSON");
    }
  }

  private static String place(JsonLocation where) {
    return where == null
        ? ""
        : " at line %d, column %d".formatted(where.getLineNr(), where.getColumnNr());
  }

  private void read(Reader reader) throws IOException, RefusedException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw RefusedException.badRequest("is not a JSON object");
    }
    boolean found = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = parser.currentName().equals(array);
      JsonToken value = parser.nextToken();
      if (!wanted) {
        parser.skipChildren();
      } else if (found) {
        throw RefusedException.badRequest("has the member '" + array + "' twice");
      } else if (value != JsonToken.START_ARRAY) {
        throw RefusedException.badRequest("has a member '" + array + "' that is not an array");
      } else {
        found = true;
        readItems(reader);
      }
    }
    if (!found) {
      throw RefusedException.badRequest("has no member '" + array + "'");
    }
    if (parser.nextToken() != null) {
      throw RefusedException.badRequest("is more than one JSON value");
    }
  }

  private void readItems(Reader reader) throws IOException, RefusedException {
    for (int number = 1; parser.nextToken() != JsonToken.END_ARRAY; number++) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw RefusedException.badRequest("has an entry " + number + " that is not an object");
      }
      reader.read(number, new Fields(object(number), false));
    }
  }

  private ObjectNode object(int number) throws IOException, RefusedException {
    try {
      return (ObjectNode) Json.tree(parser);
    } catch (ValidationException e) {
      throw RefusedException.badRequest("has a member twice in entry " + number);
    }
  }
}
