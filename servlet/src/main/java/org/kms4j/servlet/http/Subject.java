package org.kms4j.servlet.http;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.kms4j.servlet.auth.Duty;
import org.kms4j.servlet.auth.Permission;

/**
 * What a route is about, and so what its caller must be allowed.
 *
 * @param <I> the route's own input, which names the subject
 */
public sealed interface Subject<I> {
  /** The project that the input names, whether or not there is such. */
  default Optional<String> projectOf(I input) {
    return Optional.empty();
  }

  /** Nothing: anybody may call. */
  record Open<I>() implements Subject<I> {}

  /** A project. */
  record Project<I>(Permission permission, Function<I, String> id) implements Subject<I> {
    @Override
    public Optional<String> projectOf(I input) {
      return Optional.of(id.apply(input));
    }
  }

  /** The organisation. */
  record Organisation<I>(Duty duty) implements Subject<I> {}

  /** Who belongs to a project. */
  record Members<I>(Function<I, String> project) implements Subject<I> {
    @Override
    public Optional<String> projectOf(I input) {
      return Optional.of(project.apply(input));
    }
  }

  /**
   * A key.
   *
   * @param notFound what an unknown id is answered with, after a format of one place
   */
  record Key<I>(Permission permission, Function<I, UUID> id, String notFound)
      implements Subject<I> {}

  /**
   * Many keys of one project.
   *
   * @param notFound as of {@link Key}
   */
  record Keys<I>(Permission permission, Function<I, List<UUID>> ids, String notFound)
      implements Subject<I> {}

  /** A key by its name. */
  record NamedKey<I>(Permission permission, Function<I, String> project, Function<I, String> name)
      implements Subject<I> {
    @Override
    public Optional<String> projectOf(I input) {
      return Optional.of(project.apply(input));
    }
  }
}
