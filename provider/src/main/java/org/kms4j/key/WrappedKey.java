package org.kms4j.key;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * One key version's material, encrypted under a root key, with what binds it.
 *
 * <p>Threat: whoever can write to the store but lacks the root key. {@link #aad} covers every
 * attribute that matters, so two rows cannot be swapped, none moved to another key or version, and
 * neither algorithm nor flags edited: unwrapping then fails. Format: FORMAT.md, "Wrapped key".
 *
 * <p>Immutable; its bytes are not secret.
 */
public final class WrappedKey {
  private static final byte[] AAD_FORMAT = "kms4j/wrapped/1".getBytes(StandardCharsets.US_ASCII);
  private static final int EXPORTABLE = 1;
  private static final int NOT_STRICT = 2;

  private final UUID keyId;
  private final int version;
  private final KeyAlgorithm algorithm;
  private final byte flags;
  private final String rootKeyId;
  private final byte[] bytes;

  private WrappedKey(
      UUID keyId, int version, KeyAlgorithm algorithm, byte flags, String rootKeyId, byte[] bytes) {
    this.keyId = keyId;
    this.version = version;
    this.algorithm = algorithm;
    this.flags = flags;
    this.rootKeyId = rootKeyId;
    this.bytes = bytes;
  }

  /** Version {@code version} of the key that {@code metadata} describes, as a store has it. */
  public static WrappedKey of(KeyMetadata metadata, int version, String rootKeyId, byte[] bytes) {
    return new WrappedKey(
        metadata.id(), version, metadata.algorithm(), flags(metadata), rootKeyId, bytes.clone());
  }

  private static byte flags(KeyMetadata key) {
    return (byte) ((key.exportable() ? EXPORTABLE : 0) | (key.strict() ? 0 : NOT_STRICT));
  }

  /** What a wrap of this version under this root key must be bound to. */
  public static byte[] aad(KeyMetadata metadata, int version, String rootKeyId) {
    return of(metadata, version, rootKeyId, new byte[0]).aad();
  }

  public UUID keyId() {
    return keyId;
  }

  public int version() {
    return version;
  }

  /** The root key that unwraps this. */
  public String rootKeyId() {
    return rootKeyId;
  }

  /** A copy of what the root key made, in the root key's own format. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * The AAD of the wrap: format ‖ root key id ‖ key id (16) ‖ uint32be version ‖ algorithm ‖ usage
   * ‖ flags (1); each text as uint16be length and UTF-8.
   */
  public byte[] aad() {
    byte[] root = rootKeyId.getBytes(StandardCharsets.UTF_8);
    byte[] algorithmText = algorithm.text().getBytes(StandardCharsets.UTF_8);
    byte[] usageText = algorithm.usage().text().getBytes(StandardCharsets.UTF_8);
    int texts = 3 * Short.BYTES + root.length + algorithmText.length + usageText.length;
    ByteBuffer aad =
        ByteBuffer.allocate(AAD_FORMAT.length + texts + 2 * Long.BYTES + Integer.BYTES + 1);
    aad.put(AAD_FORMAT);
    putText(aad, root);
    aad.putLong(keyId.getMostSignificantBits()).putLong(keyId.getLeastSignificantBits());
    aad.putInt(version);
    putText(aad, algorithmText);
    putText(aad, usageText);
    aad.put(flags);
    return aad.array();
  }

  private static void putText(ByteBuffer to, byte[] text) {
    to.putShort((short) text.length).put(text);
  }

  @Override
  public String toString() {
    return "WrappedKey[" + keyId + ", version " + version + ", root key " + rootKeyId + "]";
  }
}
