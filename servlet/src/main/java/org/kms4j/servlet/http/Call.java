package org.kms4j.servlet.http;

import java.util.Optional;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.auth.Caller;

/**
 * What a handler is given: input that was checked, and, where the route has a subject, a caller who
 * is allowed and the key that was found.
 *
 * @param <I> the route's own input
 */
public final class Call<I> {
  private final I input;
  private final Optional<Caller> caller;
  private final Optional<KeyMetadata> key;

  public Call(I input, Optional<Caller> caller, Optional<KeyMetadata> key) {
    this.input = input;
    this.caller = caller;
    this.key = key;
  }

  public I input() {
    return input;
  }

  /** Who calls; only on routes that are guarded. */
  public Caller caller() {
    return caller.orElseThrow(() -> new AssertionError("the route is open"));
  }

  /** The key it is about; only on routes whose subject is a key. */
  public KeyMetadata key() {
    return key.orElseThrow(() -> new AssertionError("the route has no key"));
  }
}
