package org.kms4j.servlet;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  /** The keys that the subject names, if it is such; throws if the caller may not. */
  <I> List<KeyMetadata> admit(Subject<I> subject, I input, Caller caller)
      throws AuthException, RefusedException {
    if (subject instanceof Subject.Project<I> project) {
      identities.require(caller, project.permission(), project.id().apply(input));
      return List.of();
    }
    if (subject instanceof Subject.Key<I> route) {
      KeyMetadata key = find(route.id().apply(input), route.notFound());
      requireManaged(key);
      identities.require(caller, route.permission(), key.project());
      return List.of(key);
    }
    if (subject instanceof Subject.NamedKey<I> route) {
      KeyMetadata key = findByName(route.project().apply(input), route.name().apply(input));
      requireManaged(key);
      identities.require(caller, route.permission(), key.project());
      return List.of(key);
    }
    if (subject instanceof Subject.Keys<I> route) {
      return admitMany(route, input, caller);
    }
    if (subject instanceof Subject.Organisation<I> organisation) {
      Administration.require(caller, organisation.duty());
      return List.of();
    }
    if (subject instanceof Subject.Members<I> members) {
      Administration.requireMembers(caller, members.project().apply(input));
      return List.of();
    }
    throw new AssertionError("an open route has nobody to admit");
  }

  /** Each key once. That they are of several projects is told to those alone who may in all. */
  private <I> List<KeyMetadata> admitMany(Subject.Keys<I> route, I input, Caller caller)
      throws AuthException, RefusedException {
    List<KeyMetadata> keys = new ArrayList<>();
    for (UUID keyId : new LinkedHashSet<>(route.ids().apply(input))) {
      keys.add(find(keyId, route.notFound()));
    }
    Set<String> projects = new LinkedHashSet<>();
    for (KeyMetadata key : keys) {
      requireManaged(key);
      projects.add(key.project());
    }
    for (String project : projects) {
      identities.require(caller, route.permission(), project);
    }
    if (projects.size() > 1) {
      throw RefusedException.badRequest("All keys must belong to the same project");
    }
    return keys;
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
