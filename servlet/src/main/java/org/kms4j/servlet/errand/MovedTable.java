package org.kms4j.servlet.errand;

import java.util.List;
import java.util.Set;

/**
 * A table that moves from store to store. All its columns move as they are.
 *
 * @param table its name in the database
 * @param noun what a row is, in messages
 * @param key the columns that tell rows apart
 * @param unique further columns that no two rows have alike; empty if there are none
 */
record MovedTable(String table, String noun, List<String> key, List<String> unique) {

  /** What is a database's own: its schema, its numbers of changes, and the claim of a root key. */
  static final Set<String> STAY =
      Set.of("kms_schema", "kms_root", "kms_epoch", "kms_change", "kms_node", "auth_epoch");

  /**
   * Each before those that refer to it. The first is there wherever a server has run; the key that
   * signs access tokens is one of {@code kms_key}.
   */
  static final List<MovedTable> ALL =
      List.of(
          of("auth_organisation", "organisation", "id"),
          of("kms_key", "key", "key_id").withUnique("project", "name"),
          of("kms_key_version", "key version", "key_id", "version"),
          of("auth_project", "project", "project_id").withUnique("slug"),
          of("auth_identity", "identity", "identity_id"),
          of("auth_universal", "universal auth", "identity_id").withUnique("client_id"),
          of("auth_client_secret", "client secret", "client_secret_id"),
          of("auth_membership", "membership", "identity_id", "project_id"),
          of("auth_revoked_token", "revoked token", "token_id"),
          of("auth_counted_token", "counted token", "token_id"));

  /** Never lowered by a move: it says how many messages a key version may have sealed already. */
  static final String SEALS = "seals";

  MovedTable {
    key = List.copyOf(key);
    unique = List.copyOf(unique);
  }

  private static MovedTable of(String table, String noun, String... key) {
    return new MovedTable(table, noun, List.of(key), List.of());
  }

  private MovedTable withUnique(String... columns) {
    return new MovedTable(table, noun, key, List.of(columns));
  }
}
