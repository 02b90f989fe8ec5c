package org.kms4j.key;

import java.io.Serial;
import java.security.KeyException;

/** Another key of the project has this name. */
public final class KeyNameTakenException extends KeyException {
  @Serial private static final long serialVersionUID = 1L;
  private final String project;
  private final String name;

  public KeyNameTakenException(String project, String name) {
    super("a key named '" + name + "' already exists in project " + project);
    this.project = project;
    this.name = name;
  }

  public String project() {
    return project;
  }

  public String name() {
    return name;
  }
}
