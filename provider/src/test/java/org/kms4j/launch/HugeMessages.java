package org.kms4j.launch;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** A JVM that is given the longest arrays there are; tells what each call throws. */
public final class HugeMessages {
  private static final int LONGEST = Integer.MAX_VALUE - 8;
  private static final int HALF = 1 << 30;

  private HugeMessages() {}

  /** The home folder. */
  public static void main(String... arguments) throws Exception {
    Keyring keyring = KeyringConfig.load(Path.of(arguments[0])).open();
    KmsProvider kms = new KmsProvider(keyring);
    KmsKey key = KmsKey.of(keyring.create("", KeyAlgorithm.AES_256_GCM).id());
    Cipher cipher = Cipher.getInstance("KMS", kms);
    byte[] huge = new byte[LONGEST];
    cipher.init(Cipher.ENCRYPT_MODE, key);
    whole(cipher, huge);
    tell("afterwards", () -> cipher.doFinal(new byte[3]).length > 3);
    cipher.init(Cipher.DECRYPT_MODE, key);
    byte[] small = new byte[10];
    tell("open-into", () -> cipher.doFinal(huge, 0, LONGEST, small, 0));
    tell("open-buffer", () -> cipher.doFinal(ByteBuffer.wrap(huge), ByteBuffer.wrap(small)));
    cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(keyring.create("", KeyAlgorithm.XAES_256_GCM).id()));
    whole(cipher, huge);
    pieces(cipher, huge);
    System.exit(0);
  }

  private static void whole(Cipher cipher, byte[] huge) {
    byte[] small = new byte[10];
    tell("size", () -> cipher.getOutputSize(LONGEST));
    tell("whole", () -> cipher.doFinal(huge));
    tell("into", () -> cipher.doFinal(huge, 0, LONGEST, small, 0));
    tell("buffer", () -> cipher.doFinal(ByteBuffer.wrap(huge), ByteBuffer.wrap(small)));
  }

  private static void pieces(Cipher cipher, byte[] huge) {
    tell("first", () -> cipher.update(huge, 0, HALF).length);
    tell("second", () -> cipher.update(huge, 0, HALF));
    tell("last", () -> cipher.doFinal(huge, 0, HALF));
  }

  /** What is tried. */
  @FunctionalInterface
  private interface Attempt {
    Object run() throws GeneralSecurityException;
  }

  private static void tell(String what, Attempt attempt) {
    String answer;
    try {
      answer = String.valueOf(attempt.run());
    } catch (GeneralSecurityException | RuntimeException | OutOfMemoryError e) {
      answer = e.getClass().getSimpleName();
    }
    System.out.println(what + " " + answer);
  }
}
