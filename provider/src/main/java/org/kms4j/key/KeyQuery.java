package org.kms4j.key;

/**
 * Which keys of a project to list, in order of their names.
 *
 * @param project the project
 * @param search a part of the name, in any letter case; empty for all
 * @param descending last names first
 * @param offset how many to leave out, from 0
 * @param limit how many to give at most, from 1
 */
public record KeyQuery(String project, String search, boolean descending, int offset, int limit) {
  public KeyQuery {
    if (offset < 0 || limit < 1) {
      throw new IllegalArgumentException("offset " + offset + " or limit " + limit);
    }
  }

  /** The first {@code limit} keys of the project. */
  public static KeyQuery first(String project, int limit) {
    return new KeyQuery(project, "", false, 0, limit);
  }
}
