package org.kms4j.root;

/**
 * The key that wraps keys.
 *
 * <p>Threat: a stolen store. Without the root key its rows are of no use.
 *
 * <p>Implementations are safe for use by many threads. After {@link #close} every call but {@link
 * #id} throws {@link IllegalStateException}.
 */
public interface RootKey extends AutoCloseable {

  /** Names this root key wherever it is; the same key has the same id, another another. */
  String id();

  /**
   * Encrypts key material.
   *
   * @param material is left as it is; the caller wipes it
   * @param aad what the wrap is bound to
   * @return the wrap, in a format of this root key's own
   */
  byte[] wrap(byte[] material, byte[] aad);

  /**
   * Decrypts what {@link #wrap} gave.
   *
   * @return the material, which the caller wipes
   * @throws RootKeyException if it was wrapped by another root key, with another AAD, or changed
   */
  byte[] unwrap(byte[] wrapped, byte[] aad);

  @Override
  void close();
}
