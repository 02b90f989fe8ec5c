package org.kms4j.key;

/** Whether a key serves. A deleted key has no state: nothing of it is left. */
public enum KeyState {
  ENABLED("enabled"),
  DISABLED("disabled");

  private final String text;

  KeyState(String text) {
    this.text = text;
  }

  /** The spelling in the store. */
  public String text() {
    return text;
  }

  /** The state with this exact spelling; throws {@link IllegalArgumentException} for any other. */
  public static KeyState of(String text) {
    return Texts.find(values(), KeyState::text, text, "key state");
  }
}
