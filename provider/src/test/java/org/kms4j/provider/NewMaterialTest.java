package org.kms4j.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;

class NewMaterialTest {
  private static byte[] refused(KeyAlgorithm algorithm, byte[] given) {
    InvalidKeyException e =
        assertThrows(InvalidKeyException.class, () -> NewMaterial.imported(algorithm, given));
    assertFalse(KmsFixture.message(e).isEmpty());
    return given;
  }

  private static void assertSays(String text, KeyAlgorithm algorithm, byte[] given) {
    assertEquals(
        text,
        KmsFixture.message(
            assertThrows(InvalidKeyException.class, () -> NewMaterial.imported(algorithm, given))));
  }

  private static byte[] publicPart(byte[] material) {
    return KeyPairLayout.publicPart(material);
  }

  @Nested
  class Hmac {
    @ParameterizedTest
    @CsvSource({
      "HMAC_SHA_1,20",
      "HMAC_SHA_224,28",
      "HMAC_SHA_256,32",
      "HMAC_SHA_384,48",
      "HMAC_SHA_512,64"
    })
    void newKeyIsAsLongAsTheDigest(KeyAlgorithm algorithm, int bytes) {
      byte[] one = NewMaterial.draw(algorithm, new SecureRandom());

      assertEquals(bytes, one.length);
      assertFalse(Arrays.equals(one, NewMaterial.draw(algorithm, new SecureRandom())));
    }

    @Test
    void importedKeyHas16To1024Bytes() throws Exception {
      for (int length : new int[] {16, 17, 64, 1_024}) {
        byte[] given = KmsFixture.bytes(length, length);
        assertArrayEquals(given, NewMaterial.imported(KeyAlgorithm.HMAC_SHA_1, given));
      }
      for (int length : new int[] {0, 15, 1_025}) {
        refused(KeyAlgorithm.HMAC_SHA_512, new byte[length]);
      }
    }
  }

  @Nested
  class Pairs {
    @ParameterizedTest
    @EnumSource(
        names = {
          "RSA_4096",
          "ECC_NIST_P256",
          "ECC_NIST_P384",
          "ECC_NIST_P521",
          "ML_DSA_44",
          "ML_DSA_65",
          "ML_DSA_87"
        })
    void publicKeyOfAnImportedOneIsTheOneThatOpensslComputes(KeyAlgorithm algorithm)
        throws Exception {
      byte[] material = NewMaterial.imported(algorithm, KeyPairs.pkcs8(algorithm));

      assertArrayEquals(KeyPairs.spki(algorithm), publicPart(material));
    }

    @ParameterizedTest
    @EnumSource(
        names = {
          "RSA_4096",
          "ECC_NIST_P256",
          "ECC_NIST_P384",
          "ECC_NIST_P521",
          "ML_DSA_44",
          "ML_DSA_65",
          "ML_DSA_87"
        })
    void whatIsNoPrivateKeyOfTheAlgorithmIsRefused(KeyAlgorithm algorithm) throws Exception {
      byte[] good = KeyPairs.pkcs8(algorithm);
      refused(algorithm, new byte[0]);
      refused(algorithm, new byte[32]);
      refused(algorithm, KeyPairs.spki(algorithm));
      refused(algorithm, Arrays.copyOf(good, good.length - 1));
      for (KeyAlgorithm other : KeyAlgorithm.values()) {
        if (other != algorithm && other.isKeyPair()) {
          refused(algorithm, KeyPairs.pkcs8(other));
        }
      }
    }
  }

  @Nested
  class Texts {
    @Test
    void areThoseOfTheApi() throws Exception {
      String mismatch = "Key material does not match the declared algorithm. ";
      byte[] rsa = KeyPairs.pkcs8(KeyAlgorithm.RSA_4096);

      assertSays(
          "Invalid key material length for aes-256-gcm. Expected 32 bytes, got 16.",
          KeyAlgorithm.AES_256_GCM,
          new byte[16]);
      assertSays(
          "Invalid HMAC key material length. Expected between 16 and 1024 bytes, got 15.",
          KeyAlgorithm.HMAC_SHA_256,
          new byte[15]);
      assertSays(mismatch + "Expected an EC P-256 key.", KeyAlgorithm.ECC_NIST_P256, rsa);
      assertSays(
          mismatch + "Expected an EC P-384 key.",
          KeyAlgorithm.ECC_NIST_P384,
          KeyPairs.pkcs8(KeyAlgorithm.ECC_NIST_P521));
      assertSays(
          mismatch + "Expected ML_DSA_44 but the key is ML_DSA_87.",
          KeyAlgorithm.ML_DSA_44,
          KeyPairs.pkcs8(KeyAlgorithm.ML_DSA_87));
      assertSays(
          "Invalid private key material. Expected a PKCS8 DER-encoded private key.",
          KeyAlgorithm.ML_DSA_44,
          rsa);
    }

    /** JDK 24 and 25 write it; nobody can compute the seed from it. */
    @Test
    void tellThatAnExpandedKeyLacksItsSeed() throws Exception {
      KeyPair pair =
          KeyPairGenerator.getInstance("ML-DSA-44", new BouncyCastleProvider()).generateKeyPair();
      byte[] both = pair.getPrivate().getEncoded();
      byte[] expanded = Arrays.copyOfRange(both, both.length - 2_560, both.length);
      // SEQUENCE, version 0, AlgorithmIdentifier, OCTET STRING of an OCTET STRING.
      byte[] header =
          HexFormat.of().parseHex("30820a18020100300b060960864801650304031104820a0404820a00");
      byte[] pkcs8 = Arrays.copyOf(header, header.length + expanded.length);
      System.arraycopy(expanded, 0, pkcs8, header.length, expanded.length);

      assertSays("ML_DSA_44 wants PKCS#8 DER that holds the seed", KeyAlgorithm.ML_DSA_44, pkcs8);
    }
  }

  @Nested
  class Rsa {
    @Test
    void otherSizesAreRefused() throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2_048);
      byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();

      assertSays(
          "Key material does not match the declared algorithm. Expected an RSA 4096-bit key.",
          KeyAlgorithm.RSA_4096,
          pkcs8);
    }

    @Test
    void partsThatDoNotBelongTogetherAreRefused() throws Exception {
      RSAPrivateCrtKey good =
          (RSAPrivateCrtKey)
              KeyFactory.getInstance("RSA")
                  .generatePrivate(new PKCS8EncodedKeySpec(KeyPairs.pkcs8(KeyAlgorithm.RSA_4096)));
      for (int part = 0; part < 7; part++) {
        BigInteger[] parts = {
          good.getPublicExponent(),
          good.getPrivateExponent(),
          good.getPrimeP(),
          good.getPrimeQ(),
          good.getPrimeExponentP(),
          good.getPrimeExponentQ(),
          good.getCrtCoefficient()
        };
        parts[part] = parts[part].add(BigInteger.TWO);
        RSAPrivateCrtKeySpec changed =
            new RSAPrivateCrtKeySpec(
                good.getModulus(),
                parts[0],
                parts[1],
                parts[2],
                parts[3],
                parts[4],
                parts[5],
                parts[6]);

        refused(
            KeyAlgorithm.RSA_4096,
            KeyFactory.getInstance("RSA").generatePrivate(changed).getEncoded());
      }
    }
  }

  @Nested
  class Ec {
    @ParameterizedTest
    @CsvSource({"secp256r1,ECC_NIST_P256", "secp384r1,ECC_NIST_P384", "secp521r1,ECC_NIST_P521"})
    void publicKeyIsComputedWhereThePrivateKeyBringsNone(String curve, KeyAlgorithm algorithm)
        throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      for (int i = 0; i < 10; i++) {
        KeyPair pair = generator.generateKeyPair();

        byte[] material = NewMaterial.imported(algorithm, pair.getPrivate().getEncoded());

        assertArrayEquals(pair.getPublic().getEncoded(), publicPart(material));
      }
    }

    @Test
    void publicPointOfAnotherKeyIsRefused() throws Exception {
      byte[] changed = KeyPairs.pkcs8(KeyAlgorithm.ECC_NIST_P256);
      changed[changed.length - 1] ^= 1;

      refused(KeyAlgorithm.ECC_NIST_P256, changed);
    }

    @Test
    void numbersThatAreNoPrivateKeyAreRefused() throws Exception {
      byte[] pkcs8 = KeyPairs.pkcs8(KeyAlgorithm.ECC_NIST_P256);
      byte[] order =
          HexFormat.of()
              .parseHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
      for (byte[] number : List.of(new byte[32], order)) {
        byte[] changed = pkcs8.clone();
        // RFC 5915 within RFC 5958: the number stands behind 36 bytes of headers.
        System.arraycopy(number, 0, changed, 36, 32);
        refused(KeyAlgorithm.ECC_NIST_P256, changed);
      }
    }
  }

  @Nested
  class MlDsa {
    @ParameterizedTest
    @CsvSource({"ML-DSA-44,ML_DSA_44", "ML-DSA-65,ML_DSA_65", "ML-DSA-87,ML_DSA_87"})
    void seedWithTheExpandedKeyIsTakenIfTheyFit(String name, KeyAlgorithm algorithm)
        throws Exception {
      KeyPair pair =
          KeyPairGenerator.getInstance(name, new BouncyCastleProvider()).generateKeyPair();
      byte[] both = pair.getPrivate().getEncoded();

      byte[] material = NewMaterial.imported(algorithm, both);

      assertArrayEquals(pair.getPublic().getEncoded(), publicPart(material));
      byte[] changed = both.clone();
      changed[both.length - 1] ^= 1;
      refused(algorithm, changed);
      changed = both.clone();
      changed[40] ^= 1;
      refused(algorithm, changed);
    }

    @Test
    void eachNewPairIsAnotherOne() {
      SecureRandom random = new SecureRandom();
      byte[] one = NewMaterial.draw(KeyAlgorithm.ML_DSA_44, random);
      byte[] other = NewMaterial.draw(KeyAlgorithm.ML_DSA_44, random);

      assertEquals(one.length, other.length);
      assertFalse(Arrays.equals(publicPart(one), publicPart(other)));
    }
  }
}
