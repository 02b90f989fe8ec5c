package org.kms4j.servlet.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The members of one part of a request (params, body or query), each asked for by name and rule.
 *
 * <p>A member that breaks its rule is noted and answered with something harmless; {@link #end}
 * throws all that was noted together. What was read must not be used before that.
 *
 * <p>For use by one thread.
 */
public final class Fields {
  private static final int MAX_SLUG_CHARS = 32;

  /** What a slugifier leaves as it is; short texts only. */
  private static final Pattern SLUG = Pattern.compile("[a-z0-9]+(?:-[a-z0-9]+)*");

  /** Zod 4: version 1 to 8 of RFC 9562, or nil, or all ones. */
  private static final Pattern UUID_TEXT =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
              + "|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12}");

  private static final UUID NIL = new UUID(0, 0);
  private static final byte[] NOTHING = {};

  private final ObjectNode object;
  private final boolean strict;
  private final Issues issues;
  private final Set<String> asked = new HashSet<>();

  Fields(ObjectNode object, boolean strict) {
    this(object, strict, new Issues());
  }

  private Fields(ObjectNode object, boolean strict, Issues issues) {
    this.object = object;
    this.strict = strict;
    this.issues = issues;
  }

  /** A string, as it is. */
  public String text(String name) {
    return required(name).orElse("");
  }

  /** A string that is not empty. */
  public String text(String name, String messageIfEmpty) {
    Optional<String> text = required(name);
    if (text.isPresent() && text.get().isEmpty()) {
      issues.tooShort(name, 1, messageIfEmpty);
    }
    return text.orElse("");
  }

  /** A string without the white space around it. */
  public String trimmed(String name) {
    return text(name).strip();
  }

  /** Likewise, empty if absent. */
  public String trimmedOrEmpty(String name) {
    return optional(name).orElse("").strip();
  }

  /** A trimmed text of bounded length, of any characters that a database keeps. */
  public Optional<String> prose(String name, int maxChars) {
    Optional<String> text = optional(name).map(String::strip);
    if (text.isPresent() && text.get().length() > maxChars) {
      issues.tooLong(name, maxChars);
    }
    if (text.isPresent() && text.get().indexOf('\0') >= 0) {
      issues.custom(name + " must not contain the character U+0000", name);
    }
    return text;
  }

  /** A name of letters, digits and hyphens; lower-cased and trimmed first. */
  public String slug(String name, String label) {
    return required(name).map(text -> slug(name, label, text)).orElse("");
  }

  /** Likewise, if present. */
  public Optional<String> optionalSlug(String name, String label) {
    return optional(name).map(text -> slug(name, label, text));
  }

  private String slug(String name, String label, String text) {
    String slug = text.toLowerCase(Locale.ROOT).strip();
    if (slug.isEmpty()) {
      issues.tooShort(name, 1, label + " field must be at least 1 character");
      return slug;
    }
    if (slug.length() > MAX_SLUG_CHARS) {
      issues.tooLong(
          name, MAX_SLUG_CHARS, label + " field must be at most " + MAX_SLUG_CHARS + " characters");
    }
    if (!SLUG.matcher(slug).matches()) {
      issues.custom(label + " field can only contain letters, numbers, and hyphens", name);
    }
    return slug;
  }

  /** A UUID. */
  public UUID uuid(String name) {
    return uuid(value(name), issues, name);
  }

  private static UUID uuid(JsonNode value, Issues issues, String... path) {
    if (!value.isTextual()) {
      issues.wrongType("string", Json.type(value), path);
      return NIL;
    }
    if (!UUID_TEXT.matcher(value.textValue()).matches()) {
      issues.notAUuid(path);
      return NIL;
    }
    return UUID.fromString(value.textValue());
  }

  /** An array of UUIDs. */
  public List<UUID> uuids(String name, int minimum, int maximum) {
    return items(name, minimum, maximum, (item, its) -> uuid(item, its));
  }

  /** An array of objects, each read by {@code reader}. */
  public <T> List<T> objects(String name, int minimum, int maximum, Function<Fields, T> reader) {
    return items(
        name,
        minimum,
        maximum,
        (item, its) -> {
          if (!(item instanceof ObjectNode inner)) {
            its.wrongType("object", Json.type(item));
            return reader.apply(new Fields(JsonNodeFactory.instance.objectNode(), false));
          }
          Fields fields = new Fields(inner, strict, its);
          T read = reader.apply(fields);
          fields.noteUnknown();
          return read;
        });
  }

  private <T> List<T> items(
      String name, int minimum, int maximum, BiFunction<JsonNode, Issues, T> reader) {
    JsonNode array = value(name);
    List<T> items = new ArrayList<>();
    if (!array.isArray()) {
      issues.wrongType("array", Json.type(array), name);
      return items;
    }
    for (int i = 0; i < array.size(); i++) {
      items.add(reader.apply(array.get(i), issues.ofItem(name, i)));
    }
    if (array.size() < minimum) {
      issues.tooFew(name, minimum);
    } else if (array.size() > maximum) {
      issues.tooMany(name, maximum);
    }
    return items;
  }

  /** A boolean, if present. */
  public Optional<Boolean> optionalFlag(String name) {
    JsonNode value = value(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      issues.wrongType("boolean", Json.type(value), name);
      return Optional.empty();
    }
    return Optional.of(value.booleanValue());
  }

  /** One of these texts; where it is none of them, the first. */
  public String choice(String name, List<String> values) {
    if (value(name).isMissingNode()) {
      issues.notOneOf(name, values);
    }
    return optionalChoice(name, values).orElse(values.get(0));
  }

  /** Bytes in base64, not empty. */
  public byte[] base64(String name, int maxBytes) {
    Optional<String> text = required(name);
    if (text.isEmpty()) {
      return NOTHING;
    }
    char[] chars = text.get().toCharArray();
    Optional<byte[]> bytes =
        issues.base64(Base64Text.of(chars, 0, chars.length), name, name, maxBytes);
    return bytes.orElse(NOTHING);
  }

  /** One of these texts, if present. */
  public Optional<String> optionalChoice(String name, List<String> values) {
    JsonNode value = value(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual() || !values.contains(value.textValue())) {
      issues.notOneOf(name, values);
      return Optional.empty();
    }
    return Optional.of(value.textValue());
  }

  /** A whole number written as text, as a query has it. */
  public int number(String name, int absent, int minimum, int maximum) {
    Optional<String> text = optional(name);
    if (text.isEmpty()) {
      return absent;
    }
    double number = coerced(text.get());
    if (Double.isNaN(number)) {
      issues.notANumber(name);
    } else if (number != Math.rint(number)) {
      issues.notAnInteger(name);
    } else if (number < minimum) {
      issues.tooSmall(name, minimum);
    } else if (number > maximum) {
      issues.tooBig(name, maximum);
    }
    return issues.isEmpty() ? (int) number : absent;
  }

  /** A whole number, as JSON has it. */
  public int amount(String name, int absent, int minimum, int maximum) {
    JsonNode value = value(name);
    if (value.isMissingNode()) {
      return absent;
    }
    double number = value.asDouble();
    if (!value.isNumber()) {
      issues.wrongType("number", Json.type(value), name);
    } else if (number != Math.rint(number)) {
      issues.notAnInteger(name);
    } else if (number < minimum) {
      issues.tooSmall(name, minimum);
    } else if (number > maximum) {
      issues.tooBig(name, maximum);
    } else {
      return (int) number;
    }
    return absent;
  }

  /** Whether the member is given at all. */
  public boolean has(String name) {
    return !value(name).isMissingNode();
  }

  /** As JavaScript makes a number of a string, but for its hexadecimal, octal and binary forms. */
  private static double coerced(String text) {
    String number = text.strip();
    if (number.isEmpty()) {
      return 0;
    }
    if (!number.matches(
        "[+-]?(?:[0-9]{1,50}(?:\\.[0-9]{0,50})?|\\.[0-9]{1,50})(?:[eE][+-]?[0-9]{1,3})?")) {
      return Double.NaN;
    }
    return Double.parseDouble(number);
  }

  /** Notes what a rule over several members found; the path leads to what is to be mended. */
  public void refuse(String message, String... path) {
    issues.custom(message, path);
  }

  /** Whether nothing is wrong so far. */
  public boolean good() {
    return issues.isEmpty();
  }

  /** Throws all that is wrong with this part. */
  public void end() throws ValidationException {
    noteUnknown();
    issues.requireNone();
  }

  private void noteUnknown() {
    if (strict) {
      List<String> unknown = new ArrayList<>();
      object.fieldNames().forEachRemaining(unknown::add);
      unknown.removeAll(asked);
      if (!unknown.isEmpty()) {
        issues.unrecognised(unknown);
      }
    }
  }

  private Optional<String> required(String name) {
    JsonNode value = value(name);
    if (!value.isTextual()) {
      issues.wrongType("string", Json.type(value), name);
      return Optional.empty();
    }
    return Optional.of(value.textValue());
  }

  private Optional<String> optional(String name) {
    return value(name).isMissingNode() ? Optional.empty() : required(name);
  }

  private JsonNode value(String name) {
    asked.add(name);
    return object.path(name);
  }
}
