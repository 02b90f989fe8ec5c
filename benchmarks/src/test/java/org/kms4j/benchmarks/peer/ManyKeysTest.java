package org.kms4j.benchmarks.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.kms4j.provider.KmsKey;

class ManyKeysTest {
  @Test
  void eachOfThemHasMaterialOfItsOwnAndWorks() throws Exception {
    byte[] plaintext = {1, 2, 3};
    try (ManyKeys many = ManyKeys.open(50)) {
      KmsKey[] keys = many.keys();
      assertEquals(50, Arrays.stream(keys).distinct().count());
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", many.home().provider());
      byte[] message = {};
      for (KmsKey key : keys) {
        cipher.init(Cipher.ENCRYPT_MODE, key);
        message = cipher.doFinal(plaintext);
        cipher.init(Cipher.DECRYPT_MODE, key);
        assertArrayEquals(plaintext, cipher.doFinal(message));
      }
      byte[] ofTheLast = message;
      cipher.init(Cipher.DECRYPT_MODE, keys[0]);
      assertThrows(AEADBadTagException.class, () -> cipher.doFinal(ofTheLast));
    }
  }
}
