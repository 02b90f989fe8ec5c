package org.kms4j.servlet;

import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.provider.Keyring;
import org.kms4j.servlet.auth.Administration;
import org.kms4j.servlet.auth.AuthException;
import org.kms4j.servlet.auth.Caller;
import org.kms4j.servlet.auth.Identities;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Subject;

/**
 * Finds what a request is about and whether its caller may; once, for all routes, before any
 * handler runs.
 *
 * <p>Threat: a handler that forgets to ask. None is reached but through here. The order tells a
 * stranger whether a key id exists, as upstream does, and nothing of the key's state.
 *
 * <p>Safe for use by many threads.
 */
final class Gate {
  private final Keyring keyring;
  private final Identities identities;

  Gate(Keyring keyring, Identities identities) {
    this.keyring = keyring;
    this.identities = identities;
  }

  /** The key that the subject names, if it is one; throws if the caller may not. */
  <I> Optional<KeyMetadata> admit(Subject<I> subject, I input, Caller caller)
      throws AuthException, RefusedException {
    if (subject instanceof Subject.Project<I> project) {
      identities.require(caller, project.permission(), project.id().apply(input));
      return Optional.empty();
    }
    if (subject instanceof Subject.Key<I> route) {
      KeyMetadata key = find(route.id().apply(input), route.notFound());
      requireManaged(key);
      identities.require(caller, route.permission(), key.project());
      return Optional.of(key);
    }
    if (subject instanceof Subject.NamedKey<I> route) {
      KeyMetadata key = findByName(route.project().apply(input), route.name().apply(input));
      requireManaged(key);
      identities.require(caller, route.permission(), key.project());
      return Optional.of(key);
    }
    if (subject instanceof Subject.Organisation<I> organisation) {
      Administration.require(caller, organisation.duty());
      return Optional.empty();
    }
    if (subject instanceof Subject.Members<I> members) {
      Administration.requireMembers(caller, members.project().apply(input));
      return Optional.empty();
    }
    throw new AssertionError("an open route has nobody to admit");
  }

  private KeyMetadata find(UUID keyId, String notFound) throws RefusedException {
    try {
      return keyring.describe(keyId);
    } catch (KeyNotFoundException e) {
      throw RefusedException.notFound(notFound.formatted(keyId));
    }
  }

  private KeyMetadata findByName(String project, String name) throws RefusedException {
    return keyring
        .findByName(project, name)
        .orElseThrow(
            () ->
                RefusedException.notFound(
                    "Key with name \"%s\" not found for project with ID \"%s\""
                        .formatted(name, project)));
  }

  private static void requireManaged(KeyMetadata key) throws RefusedException {
    if (key.project().equals(SigningKey.PROJECT)) {
      throw RefusedException.badRequest("Key is not customer managed");
    }
  }
}
