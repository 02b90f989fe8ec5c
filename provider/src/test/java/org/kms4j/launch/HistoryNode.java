package org.kms4j.launch;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Cipher;
import org.kms4j.provider.AesEngine;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.provider.SealLimit;
import org.kms4j.root.FileRootKey;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * One node of the history test: two threads seal under all keys, one rotates them, and disables and
 * enables those that are this node's; whatever succeeds is a line of {@link History}.
 */
public final class HistoryNode {
  private static final byte[] PLAINTEXT = new byte[16];
  private static final int PAUSE_NANOS = (int) TimeUnit.MICROSECONDS.toNanos(600);

  private final Keyring keyring;
  private final List<UUID> keys;
  private final List<UUID> mine = new ArrayList<>();

  private HistoryNode(Keyring keyring, List<UUID> keys, int index, int nodes) {
    this.keyring = keyring;
    this.keys = keys;
    for (int i = index; i < keys.size(); i += nodes) {
      mine.add(keys.get(i));
    }
  }

  /** Home, good or faulty, seed, number of this node, of how many, and the keys. */
  public static void main(String... arguments) {
    Path home = Path.of(arguments[0]);
    Keyring keyring = open(home, arguments[1].equals("faulty"));
    List<UUID> keys = new ArrayList<>();
    for (String key : List.of(arguments).subList(5, arguments.length)) {
      keys.add(UUID.fromString(key));
    }
    Random random = new Random(Long.parseLong(arguments[2]));
    int index = Integer.parseInt(arguments[3]);
    HistoryNode node = new HistoryNode(keyring, keys, index, Integer.parseInt(arguments[4]));
    for (int i = 0; i < 2; i++) {
      long seed = random.nextLong();
      new Thread(() -> node.sealForEver(new Random(seed))).start();
    }
    node.changeForEver(random);
  }

  /** Tries until it succeeds: the server may be away just now. */
  private static Keyring open(Path home, boolean faulty) {
    while (true) {
      try {
        return faulty ? faulty(home) : KeyringConfig.load(home).open();
      } catch (StoreException e) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** It believes for an hour in a lease that all others hold to be over after two seconds. */
  private static Keyring faulty(Path home) {
    JdbcStore store = JdbcStore.open(KeyringConfig.load(home).openDatabase());
    Object lying =
        Proxy.newProxyInstance(
            HistoryNode.class.getClassLoader(),
            new Class<?>[] {WrappedKeyStore.class},
            (proxy, method, given) -> {
              try {
                return method.getName().equals("join")
                    ? method.invoke(store, given[0], given[1], Duration.ofSeconds(2))
                    : method.invoke(store, given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return Keyring.open(
        (WrappedKeyStore) lying,
        FileRootKey.load(home.resolve("root.key")),
        AesEngine.SUN_JCE,
        SealLimit.DEFAULT,
        Duration.ofHours(1));
  }

  private static synchronized void tell(String what, UUID key, long began, String detail) {
    System.out.println(what + " " + key + " " + began + " " + System.nanoTime() + detail + " .");
    System.out.flush();
  }

  private static void pause(Random random, int times) {
    LockSupport.parkNanos(random.nextInt(times * PAUSE_NANOS));
  }

  private void sealForEver(Random random) {
    KmsProvider provider = new KmsProvider(keyring);
    while (true) {
      UUID key = keys.get(random.nextInt(keys.size()));
      long began = System.nanoTime();
      try {
        Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", provider);
        cipher.init(Cipher.ENCRYPT_MODE, KmsKey.of(key));
        byte[] message = cipher.doFinal(PLAINTEXT);
        tell("sealed", key, began, " " + Base64.getEncoder().encodeToString(message));
      } catch (InvalidKeyException | IllegalStateException | StoreException e) {
        // Disabled just now, or the store is away: as it should be.
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
      pause(random, 2);
    }
  }

  private void changeForEver(Random random) {
    while (true) {
      try {
        if (mine.isEmpty() || random.nextInt(3) == 0) {
          rotate(keys.get(random.nextInt(keys.size())));
        } else {
          offAndOn(mine.get(random.nextInt(mine.size())), random);
        }
      } catch (GeneralSecurityException | StoreException e) {
        // Disabled by its owner, or the store is away: told to nobody.
      }
      pause(random, 40);
    }
  }

  private void rotate(UUID key) throws GeneralSecurityException {
    long began = System.nanoTime();
    tell("rotated", key, began, " " + keyring.rotate(key).primaryVersion());
  }

  private void offAndOn(UUID key, Random random) throws GeneralSecurityException {
    long off = System.nanoTime();
    keyring.disable(key);
    tell("disabled", key, off, "");
    pause(random, 100);
    long on = System.nanoTime();
    tell("enabling", key, on, "");
    keyring.enable(key);
    tell("enabled", key, on, "");
  }
}
