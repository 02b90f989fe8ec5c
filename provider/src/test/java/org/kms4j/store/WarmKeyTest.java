package org.kms4j.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.root.EnvironmentRootKey;

class WarmKeyTest {
  private static final int MESSAGES = 2_000;

  /** Counts the connections that a thread asks for. */
  private static final class Counting extends DelegatingDialect {
    private final Thread thread = Thread.currentThread();
    private final AtomicInteger borrowed = new AtomicInteger();

    private Counting(Dialect real) {
      super(real);
    }

    @Override
    public Session borrow() throws SQLException {
      if (Thread.currentThread().equals(thread)) {
        borrowed.incrementAndGet();
      }
      return super.borrow();
    }
  }

  @Test
  void warmKeySealsAndOpensWithoutAStatement() throws Exception {
    Counting counting = new Counting(PostgreSql.open(PostgresServer.emptySchema()));
    String root = Base64.getEncoder().encodeToString(new byte[32]);
    try (Database database = Database.over(counting);
        Keyring keyring =
            Keyring.open(
                JdbcStore.open(database), EnvironmentRootKey.load("KEY", Map.of("KEY", root)))) {
      KmsKey key = KmsKey.of(keyring.create("warm", KeyAlgorithm.XAES_256_GCM).id());
      Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", new KmsProvider(keyring));
      // The keyring's own watch may wipe the key once more, since its change was one as well.
      int least = Integer.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        least = Math.min(least, statements(counting, cipher, key));
      }

      assertEquals(0, least);
      assertTrue(counting.borrowed.get() > 0, "it counts nothing");
    }
  }

  private static int statements(Counting counting, Cipher cipher, KmsKey key) throws Exception {
    int before = counting.borrowed.get();
    for (int i = 0; i < MESSAGES; i++) {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      byte[] message = cipher.doFinal(new byte[20]);
      cipher.init(Cipher.DECRYPT_MODE, key);
      assertArrayEquals(new byte[20], cipher.doFinal(message));
    }
    return counting.borrowed.get() - before;
  }
}
