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
import org.kms4j.servlet.auth.Permission;
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

  /** The keys that the subject names, if it is such, each once. */
  <I> List<KeyMetadata> find(Subject<I> subject, I input) throws RefusedException {
    if (subject instanceof Subject.Key<I> route) {
      return List.of(find(route.id().apply(input), route.notFound()));
    }
    if (subject instanceof Subject.NamedKey<I> route) {
      return List.of(findByName(route.project().apply(input), route.name().apply(input)));
    }
    List<KeyMetadata> keys = new ArrayList<>();
    if (subject instanceof Subject.Keys<I> route) {
      for (UUID keyId : new LinkedHashSet<>(route.ids().apply(input))) {
        keys.add(find(keyId, route.notFound()));
      }
    }
    return keys;
  }

  /** Returns if the caller may do this with the subject and these, its keys. */
  <I> void admit(Subject<I> subject, I input, List<KeyMetadata> keys, Caller caller)
      throws AuthException, RefusedException {
    if (subject instanceof Subject.Project<I> project) {
      identities.require(caller, project.permission(), project.id().apply(input));
    } else if (subject instanceof Subject.Key<I> route) {
      admit(keys, route.permission(), caller);
    } else if (subject instanceof Subject.NamedKey<I> route) {
      admit(keys, route.permission(), caller);
    } else if (subject instanceof Subject.Keys<I> route) {
      admit(keys, route.permission(), caller);
    } else if (subject instanceof Subject.Organisation<I> organisation) {
      Administration.require(caller, organisation.duty());
    } else if (subject instanceof Subject.Members<I> members) {
      Administration.requireMembers(caller, members.project().apply(input));
    } else {
      throw new AssertionError("an open route has nobody to admit");
    }
  }

  /** That keys are of several projects is told to those alone who may in all. */
  private void admit(List<KeyMetadata> keys, Permission permission, Caller caller)
      throws AuthException, RefusedException {
    Set<String> projects = new LinkedHashSet<>();
    for (KeyMetadata key : keys) {
      requireManaged(key);
      projects.add(key.project());
    }
    for (String project : projects) {
      identities.require(caller, permission, project);
    }
    if (projects.size() > 1) {
      throw RefusedException.badRequest("All keys must belong to the same project");
    }
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
