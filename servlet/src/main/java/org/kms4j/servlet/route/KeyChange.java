package org.kms4j.servlet.route;

import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyState;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.ValidationException;

/**
 * What shall become different in a key; what is absent stays.
 *
 * @param keyId which key
 * @param name another name
 * @param description another description
 * @param state another state
 */
public record KeyChange(
    UUID keyId, Optional<String> name, Optional<String> description, Optional<KeyState> state) {

  /** Reads {@code {keyId}} and the body of a patch. */
  public static KeyChange read(Input input) throws ValidationException, RefusedException {
    UUID keyId = KeyRoutes.keyId(input);
    Fields body = input.body().fields();
    Optional<String> name = body.optionalSlug("name", "Name");
    Optional<Boolean> disabled = body.optionalFlag("isDisabled");
    Optional<String> description = body.prose("description", KeyRoutes.MAX_DESCRIPTION_CHARS);
    body.end();
    Optional<KeyState> state = disabled.map(yes -> yes ? KeyState.DISABLED : KeyState.ENABLED);
    return new KeyChange(keyId, name, description, state);
  }

  boolean isEmpty() {
    return name.isEmpty() && description.isEmpty() && state.isEmpty();
  }

  KeyMetadata apply(KeyMetadata key) {
    return key.withName(name.orElse(key.name()))
        .withDescription(description.orElse(key.description()))
        .withState(state.orElse(key.state()));
  }
}
