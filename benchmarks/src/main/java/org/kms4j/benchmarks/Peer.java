package org.kms4j.benchmarks;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyAlgorithm;

/**
 * One way to encrypt under a random IV, in memory, with a 256-bit key.
 *
 * <p>Each does the whole work of an application: the IV is drawn, the result is a new array that
 * holds all that decryption needs. {@code …_EACH} asks for a {@code Cipher} for every message,
 * {@code …_REUSED} keeps one and calls {@code init} for every message; {@code RAW} draws the IV
 * from a generator of its own, so that the shared {@code SecureRandom} is not what is measured.
 */
public enum Peer {
  KMS_AES_EACH {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Kms(home.provider(), home.key(KeyAlgorithm.AES_256_GCM), null);
    }
  },
  KMS_AES_REUSED {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Kms(home.provider(), home.key(KeyAlgorithm.AES_256_GCM), kms(home));
    }
  },
  KMS_XAES_EACH {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Kms(home.provider(), home.key(KeyAlgorithm.XAES_256_GCM), null);
    }
  },
  KMS_XAES_REUSED {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Kms(home.provider(), home.key(KeyAlgorithm.XAES_256_GCM), kms(home));
    }
  },
  SUNJCE_EACH {
    @Override
    Sealer open(Home home) {
      return new Raw(null, new SecureRandom());
    }
  },
  SUNJCE_REUSED {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Raw(raw(Security.getProvider("SunJCE")), new SecureRandom());
    }
  },
  /** The anchor: what the JDK costs when neither look-up nor random numbers do. */
  SUNJCE_RAW {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Raw(raw(Security.getProvider("SunJCE")), new CounterRandom());
    }
  },
  BOUNCY_CASTLE_REUSED {
    @Override
    Sealer open(Home home) throws GeneralSecurityException {
      return new Raw(raw(new BouncyCastleProvider()), new SecureRandom());
    }
  };

  /** What a peer does with one message; for one thread. */
  interface Sealer {
    byte[] seal(byte[] plaintext) throws GeneralSecurityException;

    byte[] open(byte[] message) throws GeneralSecurityException;
  }

  abstract Sealer open(Home home) throws GeneralSecurityException;

  private static Cipher kms(Home home) throws GeneralSecurityException {
    return Cipher.getInstance("KMS/GCM/NoPadding", home.provider());
  }

  private static Cipher raw(Provider provider) throws GeneralSecurityException {
    return Cipher.getInstance("AES/GCM/NoPadding", provider);
  }

  private record Kms(Provider provider, Key key, @Nullable Cipher kept) implements Sealer {
    @Override
    public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
      Cipher cipher = cipher();
      cipher.init(Cipher.ENCRYPT_MODE, key);
      return cipher.doFinal(plaintext);
    }

    @Override
    public byte[] open(byte[] message) throws GeneralSecurityException {
      Cipher cipher = cipher();
      cipher.init(Cipher.DECRYPT_MODE, key);
      return cipher.doFinal(message);
    }

    private Cipher cipher() throws GeneralSecurityException {
      return kept != null ? kept : Cipher.getInstance("KMS/GCM/NoPadding", provider);
    }
  }

  private static final class Raw implements Sealer {
    private static final int IV_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final SecretKeySpec key;
    private final @Nullable Cipher kept;
    private final SecureRandom random;

    Raw(@Nullable Cipher kept, SecureRandom random) {
      byte[] bytes = new byte[32];
      new SecureRandom().nextBytes(bytes);
      this.key = new SecretKeySpec(bytes, "AES");
      this.kept = kept;
      this.random = random;
    }

    @Override
    public byte[] seal(byte[] plaintext) throws GeneralSecurityException {
      Cipher cipher = cipher();
      byte[] iv = new byte[IV_BYTES];
      random.nextBytes(iv);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, iv));
      byte[] message = new byte[IV_BYTES + plaintext.length + TAG_BYTES];
      System.arraycopy(iv, 0, message, 0, IV_BYTES);
      cipher.doFinal(plaintext, 0, plaintext.length, message, IV_BYTES);
      return message;
    }

    @Override
    public byte[] open(byte[] message) throws GeneralSecurityException {
      Cipher cipher = cipher();
      cipher.init(
          Cipher.DECRYPT_MODE,
          key,
          new GCMParameterSpec(TAG_BYTES * Byte.SIZE, message, 0, IV_BYTES));
      return cipher.doFinal(message, IV_BYTES, message.length - IV_BYTES);
    }

    private Cipher cipher() throws GeneralSecurityException {
      return kept != null ? kept : Cipher.getInstance("AES/GCM/NoPadding");
    }
  }

  /** Never repeats and costs next to nothing; good for a measurement and for nothing else. */
  private static final class CounterRandom extends SecureRandom {
    @java.io.Serial private static final long serialVersionUID = 1L;
    private long counter;

    @Override
    public void nextBytes(byte[] bytes) {
      long value = counter++;
      for (int i = 0; i < Long.BYTES; i++) {
        bytes[i] = (byte) (value >>> (Byte.SIZE * i));
      }
    }
  }
}
