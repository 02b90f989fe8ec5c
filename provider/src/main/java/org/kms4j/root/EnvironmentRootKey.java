package org.kms4j.root;

import java.util.Map;

/**
 * A root key in an environment variable: the base64 of 32 random bytes, as platforms hand secrets
 * to a process.
 *
 * <p>Threat: a stolen disk. It does not defend against who can read this process's environment.
 */
public final class EnvironmentRootKey {
  private EnvironmentRootKey() {}

  /**
   * Reads the root key.
   *
   * @param variable the name of the variable
   * @param environment where to look, as {@link System#getenv()}
   * @throws RootKeyException if the variable is not set, or holds no root key
   */
  public static RootKey load(String variable, Map<String, String> environment) {
    String text = environment.get(variable);
    if (text == null) {
      throw new RootKeyException("environment variable " + variable + " is not set");
    }
    return AesRootKey.parse(text, "environment variable " + variable);
  }
}
