package org.kms4j.key;

/**
 * What a key may do, for life.
 *
 * <p>The texts are those of the Infisical KMS API, field {@code keyUsage}.
 */
public enum KeyUsage {
  ENCRYPT_DECRYPT("encrypt-decrypt"),
  SIGN_VERIFY("sign-verify"),
  GENERATE_VERIFY_MAC("generate-verify-mac");

  private final String text;

  KeyUsage(String text) {
    this.text = text;
  }

  /** The spelling in JSON, in the store and in the AAD of a wrapped key. */
  public String text() {
    return text;
  }

  /** The usage with this exact spelling; throws {@link IllegalArgumentException} for any other. */
  public static KeyUsage of(String text) {
    return Texts.find(values(), KeyUsage::text, text, "key usage");
  }
}
