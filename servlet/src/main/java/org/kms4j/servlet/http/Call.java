package org.kms4j.servlet.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyMetadata;
import org.kms4j.servlet.auth.Caller;

/**
 * What a handler is given: input that was checked, and, where the route has a subject, a caller who
 * is allowed and what keys were found. What the handler comes to know itself it notes here, for the
 * audit log.
 *
 * <p>For use by one thread.
 *
 * @param <I> the route's own input
 */
public final class Call<I> {
  private final I input;
  private final Optional<Caller> caller;
  private final List<KeyMetadata> keys;
  private final String from;
  private final List<KeyMetadata> made = new ArrayList<>();
  private final Map<String, UUID> noted = new LinkedHashMap<>();

  /**
   * @param from the address of the client
   */
  public Call(I input, Optional<Caller> caller, List<KeyMetadata> keys, String from) {
    this.input = input;
    this.caller = caller;
    this.keys = List.copyOf(keys);
    this.from = from;
  }

  public I input() {
    return input;
  }

  /** The address of the client, as text. */
  public String from() {
    return from;
  }

  /** Who calls; only on routes that are guarded. */
  public Caller caller() {
    return caller.orElseThrow(() -> new AssertionError("the route is open"));
  }

  /** The key it is about; only on routes whose subject is a key. */
  public KeyMetadata key() {
    if (keys.size() != 1) {
      throw new AssertionError("the route has " + keys.size() + " keys");
    }
    return keys.get(0);
  }

  /** The keys it is about, of one project; only on routes whose subject is many keys. */
  public List<KeyMetadata> keys() {
    return keys;
  }

  /** Notes a key that the call has made, or given a new version, and returns it. */
  public KeyMetadata made(KeyMetadata key) {
    made.add(key);
    return key;
  }

  /** The keys that the call has made or given a new version. */
  public List<KeyMetadata> made() {
    return List.copyOf(made);
  }

  /** Notes what else the call is about, by its name in the API. */
  public void note(String name, UUID id) {
    noted.put(name, id);
  }

  /** What was noted. */
  public Map<String, UUID> noted() {
    return Map.copyOf(noted);
  }
}
