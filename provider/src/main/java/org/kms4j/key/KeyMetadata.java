package org.kms4j.key;

import java.time.Instant;
import java.util.UUID;

/**
 * All that is known of a key without its material.
 *
 * <p>Immutable, safe to log: nothing here is secret.
 *
 * @param id the key id, for life
 * @param project the project that the key belongs to; its name is unique there
 * @param name the name, which may change
 * @param description free text, empty where none was given
 * @param algorithm what it computes with, for life
 * @param state whether it serves
 * @param exportable whether the material may ever leave, for life
 * @param strict whether a process that cannot reach the store stops serving it when its lease ends,
 *     for life; else it goes on, even with a key that was revoked meanwhile, until it reaches the
 *     store again
 * @param primaryVersion the newest key version, from 1; seals are made under it
 * @param createdAt when the key was made, to the millisecond
 * @param updatedAt when anything but {@code seals} last changed, to the millisecond
 * @param seals how many seals of the primary version are spent or leased, by all processes
 *     together; never fewer than were made
 */
public record KeyMetadata(
    UUID id,
    String project,
    String name,
    String description,
    KeyAlgorithm algorithm,
    KeyState state,
    boolean exportable,
    boolean strict,
    int primaryVersion,
    Instant createdAt,
    Instant updatedAt,
    long seals) {

  /**
   * The project of keys that were made without naming one. Every installation has it under this
   * very id, so that a key made from Java is there for the REST API and the reverse.
   */
  public static final String DEFAULT_PROJECT = "00000000-0000-4000-8000-000000000001";

  /** A strict key whose primary version has sealed nothing yet. */
  public KeyMetadata(
      UUID id,
      String project,
      String name,
      String description,
      KeyAlgorithm algorithm,
      KeyState state,
      boolean exportable,
      int primaryVersion,
      Instant createdAt,
      Instant updatedAt) {
    this(
        id,
        project,
        name,
        description,
        algorithm,
        state,
        exportable,
        true,
        primaryVersion,
        createdAt,
        updatedAt,
        0);
  }

  /** The one usage that its algorithm allows. */
  public KeyUsage usage() {
    return algorithm.usage();
  }

  /** True for a key that serves. */
  public boolean enabled() {
    return state == KeyState.ENABLED;
  }

  /**
   * Makes sure that the key serves, and for this.
   *
   * @throws KeyStateException if it is disabled
   * @throws KeyUsageException if it is for something else
   */
  public void requireServing(KeyUsage wanted) throws KeyStateException, KeyUsageException {
    if (!enabled()) {
      throw new KeyStateException(id, state);
    }
    if (usage() != wanted) {
      throw new KeyUsageException(id, wanted, usage());
    }
  }

  /** The same key with another name. */
  public KeyMetadata withName(String newName) {
    return with(newName, description, state, primaryVersion, updatedAt, seals);
  }

  /** The same key with another description. */
  public KeyMetadata withDescription(String newDescription) {
    return with(name, newDescription, state, primaryVersion, updatedAt, seals);
  }

  /** The same key in another state. */
  public KeyMetadata withState(KeyState newState) {
    return with(name, description, newState, primaryVersion, updatedAt, seals);
  }

  /** The same key with a newer primary version, which has sealed nothing yet. */
  public KeyMetadata withPrimaryVersion(int version) {
    return with(name, description, state, version, updatedAt, 0);
  }

  /** The same key, changed at this time. */
  public KeyMetadata withUpdatedAt(Instant time) {
    return with(name, description, state, primaryVersion, time, seals);
  }

  /** The same key with another count of seals. */
  public KeyMetadata withSeals(long count) {
    return with(name, description, state, primaryVersion, updatedAt, count);
  }

  /** What is not given here is for life. */
  private KeyMetadata with(
      String newName,
      String newDescription,
      KeyState newState,
      int version,
      Instant time,
      long count) {
    return new KeyMetadata(
        id,
        project,
        newName,
        newDescription,
        algorithm,
        newState,
        exportable,
        strict,
        version,
        createdAt,
        time,
        count);
  }
}
