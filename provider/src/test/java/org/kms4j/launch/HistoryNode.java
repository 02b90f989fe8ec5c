package org.kms4j.launch;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.kms4j.key.SealLimitException;
import org.kms4j.provider.AesEngine;
import org.kms4j.provider.Keyring;
import org.kms4j.provider.KeyringConfig;
import org.kms4j.provider.KmsKey;
import org.kms4j.provider.KmsProvider;
import org.kms4j.provider.SealLimit;
import org.kms4j.root.FileRootKey;
import org.kms4j.store.JdbcStore;
import org.kms4j.store.SealLease;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * One node of the history test: two threads seal under all keys, one rotates those that may be
 * changed, and disables and enables those of them that are this node's. Whatever succeeds is a line
 * of {@link History}, and so is a seal that may have been counted though it failed.
 */
public final class HistoryNode {
  static final int THREADS = 2;
  private static final byte[] PLAINTEXT = new byte[History.PLAINTEXT_BYTES];
  private static final int PAUSE_NANOS = (int) TimeUnit.MICROSECONDS.toNanos(600);

  private final Keyring keyring;
  private final List<UUID> changed;
  private final List<KmsKey> keys;
  private final List<UUID> mine = new ArrayList<>();

  private HistoryNode(Keyring keyring, List<UUID> changed, List<UUID> others) {
    this.keyring = keyring;
    this.changed = changed;
    this.keys = Stream.concat(changed.stream(), others.stream()).map(KmsKey::of).toList();
  }

  /**
   * Home, good or faulty, seed, number of this node, of how many, the keys that are changed, and
   * those that are only sealed with.
   */
  public static void main(String... arguments) {
    Path home = Path.of(arguments[0]);
    Keyring keyring = open(home, arguments[1].equals("faulty"));
    Random random = new Random(Long.parseLong(arguments[2]));
    int nodes = Integer.parseInt(arguments[4]);
    HistoryNode node = new HistoryNode(keyring, keys(arguments[5]), keys(arguments[6]));
    for (int i = Integer.parseInt(arguments[3]); i < node.changed.size(); i += nodes) {
      node.mine.add(node.changed.get(i));
    }
    for (int i = 0; i < THREADS; i++) {
      long seed = random.nextLong();
      new Thread(() -> node.sealForEver(new Random(seed))).start();
    }
    node.changeForEver(random);
  }

  private static List<UUID> keys(String text) {
    return Stream.of(text.split(",", -1)).map(UUID::fromString).toList();
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

  /**
   * It believes for an hour in a lease that all others hold to be over after two seconds, and takes
   * seals that it does not ask the store for.
   */
  private static Keyring faulty(Path home) {
    JdbcStore store = JdbcStore.open(KeyringConfig.load(home).openDatabase());
    Object lying =
        Proxy.newProxyInstance(
            HistoryNode.class.getClassLoader(),
            new Class<?>[] {WrappedKeyStore.class},
            (proxy, method, given) -> {
              try {
                return switch (method.getName()) {
                  case "join" -> method.invoke(store, given[0], given[1], Duration.ofSeconds(2));
                  case "lease" -> new SealLease(1, 1);
                  default -> method.invoke(store, given);
                };
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
    Map<KmsKey, Cipher> kept = new HashMap<>();
    while (true) {
      KmsKey key = keys.get(random.nextInt(keys.size()));
      Cipher once = cipher(provider);
      // One that is kept spends seals ahead.
      Cipher cipher = random.nextBoolean() ? once : kept.computeIfAbsent(key, any -> once);
      seal(cipher, key);
      pause(random, 2);
    }
  }

  private static Cipher cipher(KmsProvider provider) {
    try {
      return Cipher.getInstance("KMS/GCM/NoPadding", provider);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void seal(Cipher cipher, KmsKey key) {
    long began = System.nanoTime();
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key);
      byte[] message = cipher.doFinal(PLAINTEXT);
      tell("sealed", key.keyId(), began, " " + Base64.getEncoder().encodeToString(message));
    } catch (SealLimitException e) {
      tell("refused", key.keyId(), began, " " + e.version());
    } catch (InvalidKeyException e) {
      // Disabled just now: as it should be.
    } catch (IllegalStateException | StoreException e) {
      // Disabled on the way, or the store is away.
      tell("failed", key.keyId(), began, "");
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private void changeForEver(Random random) {
    while (true) {
      try {
        if (mine.isEmpty() || random.nextInt(3) == 0) {
          rotate(changed.get(random.nextInt(changed.size())));
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
