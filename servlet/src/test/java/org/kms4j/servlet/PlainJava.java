package org.kms4j.servlet;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Cipher;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;

/** A program that knows the provider alone: opens or seals one message in a home folder. */
final class PlainJava {
  private PlainJava() {}

  public static void main(String... arguments) throws Exception {
    Cipher cipher =
        Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider().configure(arguments[0]));
    KmsKey key = KmsKey.of(UUID.fromString(arguments[1]));
    if (arguments[2].equals("seal")) {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      byte[] sealed = cipher.doFinal(arguments[3].getBytes(StandardCharsets.UTF_8));
      System.out.println(Base64.getEncoder().encodeToString(sealed));
    } else {
      cipher.init(Cipher.DECRYPT_MODE, key);
      byte[] plaintext = cipher.doFinal(Base64.getDecoder().decode(arguments[3]));
      System.out.println(new String(plaintext, StandardCharsets.UTF_8));
    }
  }
}
