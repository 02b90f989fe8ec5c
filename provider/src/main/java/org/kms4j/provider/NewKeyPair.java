package org.kms4j.provider;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import org.kms4j.key.KeyAlgorithm;

/**
 * The material of a new key pair: generated, or computed from a private key that somebody brings.
 *
 * <p>Threat: a private key that is not of the size that its algorithm promises, or whose parts do
 * not fit, signs what nobody can verify, or gives the key away. Each pair proves itself before it
 * is kept: what its private key has signed, its public key verifies.
 */
final class NewKeyPair {
  /** FIPS 186-5, section 5.1: e is odd and above 2^16. */
  private static final BigInteger MIN_EXPONENT = BigInteger.ONE.shiftLeft(16).add(BigInteger.ONE);

  private static final BigInteger ONE = BigInteger.ONE;

  private NewKeyPair() {}

  /** A new pair, as {@link KeyPairLayout} has it. */
  static byte[] generate(KeyAlgorithm algorithm, SecureRandom random) {
    try {
      if (isMlDsa(algorithm)) {
        byte[] seed = new byte[MlDsaSeed.BYTES];
        random.nextBytes(seed);
        return seeded(algorithm, seed, SigningEngine.expand(algorithm, seed));
      }
      return checked(algorithm, SigningEngine.generate(algorithm, random));
    } catch (InvalidKeyException e) {
      throw new AssertionError("the JDK made a pair that does not fit", e);
    }
  }

  /**
   * The pair of a given private key in PKCS#8 DER.
   *
   * @throws InvalidKeyException if it is not one of just this algorithm and size
   */
  static byte[] imported(KeyAlgorithm algorithm, byte[] pkcs8) throws InvalidKeyException {
    if (isMlDsa(algorithm)) {
      return importedMlDsa(algorithm, pkcs8);
    }
    PrivateKey key;
    try {
      key = SigningEngine.privateKey(algorithm, pkcs8);
    } catch (InvalidKeySpecException e) {
      // Without the cause: nobody promises that its text has no byte of the key.
      throw otherAlgorithm(algorithm);
    }
    try {
      return key instanceof ECPrivateKey ec
          ? importedEc(algorithm, ec, pkcs8)
          : checked(algorithm, new KeyPair(rsaPublic(algorithm, key), key));
    } catch (InvalidKeySpecException e) {
      throw new InvalidKeyException(algorithm.text() + " cannot have such a public key");
    }
  }

  private static InvalidKeyException otherAlgorithm(KeyAlgorithm algorithm) {
    String kind =
        algorithm == KeyAlgorithm.RSA_4096
            ? "RSA " + SigningEngine.RSA_BITS + "-bit"
            : algorithm.text().replaceFirst("ECC_NIST_P", "EC P-");
    return new InvalidKeyException(
        "Key material does not match the declared algorithm. Expected an " + kind + " key.");
  }

  private static boolean isMlDsa(KeyAlgorithm algorithm) {
    return SignatureScheme.ML_DSA.isFor(algorithm);
  }

  private static byte[] importedMlDsa(KeyAlgorithm algorithm, byte[] pkcs8)
      throws InvalidKeyException {
    byte[] seed = MlDsaSeed.decode(algorithm, pkcs8);
    if (!SigningEngine.hasMlDsa()) {
      Arrays.fill(seed, (byte) 0);
      throw new InvalidKeyException(algorithm.text() + ": " + SigningEngine.MISSING_ML_DSA);
    }
    KeyPair pair = SigningEngine.expand(algorithm, seed);
    byte[] encoded = pair.getPrivate().getEncoded();
    byte[] computed = MlDsaSeed.expandedPart(algorithm, encoded);
    byte[] given = MlDsaSeed.expandedPart(algorithm, pkcs8);
    boolean fits = given.length == 0 || computed.length == 0 || Arrays.equals(given, computed);
    List.of(encoded, computed, given).forEach(secret -> Arrays.fill(secret, (byte) 0));
    if (!fits) {
      Arrays.fill(seed, (byte) 0);
      throw new InvalidKeyException("the expanded key is not that of the seed");
    }
    return seeded(algorithm, seed, pair);
  }

  /** Wipes the seed. */
  private static byte[] seeded(KeyAlgorithm algorithm, byte[] seed, KeyPair pair)
      throws InvalidKeyException {
    byte[] pkcs8 = MlDsaSeed.encode(algorithm, seed);
    Arrays.fill(seed, (byte) 0);
    return checked(algorithm, pair, pkcs8);
  }

  private static PublicKey rsaPublic(KeyAlgorithm algorithm, PrivateKey key)
      throws InvalidKeyException, InvalidKeySpecException {
    if (!(key instanceof RSAPrivateCrtKey rsa)) {
      throw new InvalidKeyException(algorithm.text() + " wants a private key with its primes");
    }
    if (rsa.getModulus().bitLength() != SigningEngine.RSA_BITS) {
      throw otherAlgorithm(algorithm);
    }
    BigInteger e = rsa.getPublicExponent();
    if (e.compareTo(MIN_EXPONENT) < 0 || !e.testBit(0)) {
      throw new InvalidKeyException("the public exponent must be odd and above 2^16");
    }
    if (!fits(rsa)) {
      throw new InvalidKeyException("the parts of the private key do not belong together");
    }
    return SigningEngine.publicKey(algorithm, new RSAPublicKeySpec(rsa.getModulus(), e));
  }

  /** RFC 8017, section 3.2. */
  private static boolean fits(RSAPrivateCrtKey key) {
    BigInteger p = key.getPrimeP();
    BigInteger q = key.getPrimeQ();
    if (p.compareTo(ONE) <= 0 || q.compareTo(ONE) <= 0) {
      return false;
    }
    BigInteger p1 = p.subtract(ONE);
    BigInteger q1 = q.subtract(ONE);
    BigInteger d = key.getPrivateExponent();
    BigInteger e = key.getPublicExponent();
    return p.multiply(q).equals(key.getModulus())
        && e.multiply(d).mod(p1).equals(ONE)
        && e.multiply(d).mod(q1).equals(ONE)
        && d.mod(p1).equals(key.getPrimeExponentP())
        && d.mod(q1).equals(key.getPrimeExponentQ())
        && q.multiply(key.getCrtCoefficient()).mod(p).equals(ONE);
  }

  private static byte[] importedEc(KeyAlgorithm algorithm, ECPrivateKey key, byte[] pkcs8)
      throws InvalidKeyException, InvalidKeySpecException {
    ECParameterSpec curve = SigningEngine.curve(algorithm);
    requireCurve(algorithm, curve, key);
    BigInteger x;
    try {
      x = SigningEngine.publicX(algorithm, key);
    } catch (GeneralSecurityException e) {
      throw new InvalidKeyException("the private key is not one of its curve");
    }
    BigInteger y = squareRoot(curve, x);
    BigInteger prime = ((ECFieldFp) curve.getCurve().getField()).getP();
    for (BigInteger candidate : List.of(y, prime.subtract(y))) {
      PublicKey found =
          SigningEngine.publicKey(algorithm, new ECPublicKeySpec(new ECPoint(x, candidate), curve));
      if (belong(algorithm, key, found)) {
        requireSamePoint(curve, found, pkcs8);
        return checked(algorithm, new KeyPair(found, key));
      }
    }
    throw new InvalidKeyException("the private key is not one of its curve");
  }

  private static void requireCurve(KeyAlgorithm algorithm, ECParameterSpec curve, ECPrivateKey key)
      throws InvalidKeyException {
    ECParameterSpec given = key.getParams();
    if (!given.getCurve().equals(curve.getCurve())
        || !given.getGenerator().equals(curve.getGenerator())
        || !given.getOrder().equals(curve.getOrder())) {
      throw otherAlgorithm(algorithm);
    }
    if (key.getS().signum() <= 0 || key.getS().compareTo(curve.getOrder()) >= 0) {
      throw new InvalidKeyException("the private key is not one of its curve");
    }
  }

  /** A root of x³ + ax + b; the primes of NIST's curves leave 3 when divided by 4. */
  private static BigInteger squareRoot(ECParameterSpec curve, BigInteger x) {
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger square =
        x.multiply(x).add(curve.getCurve().getA()).multiply(x).add(curve.getCurve().getB()).mod(p);
    return square.modPow(p.add(ONE).shiftRight(2), p);
  }

  /** RFC 5915: the public point may stand at the end of the private key; then it is the same. */
  private static void requireSamePoint(ECParameterSpec curve, PublicKey found, byte[] pkcs8)
      throws InvalidKeyException {
    byte[] spki = found.getEncoded();
    int coordinate = (curve.getCurve().getField().getFieldSize() + Byte.SIZE - 1) / Byte.SIZE;
    // Both end in a BIT STRING: 00 (no unused bits), 04 (uncompressed), x, y.
    int length = 2 + 2 * coordinate;
    int at = pkcs8.length - length;
    boolean given = at > 0 && pkcs8[at] == 0 && pkcs8[at + 1] == 4;
    ByteBuffer wanted = ByteBuffer.wrap(spki, spki.length - length, length);
    if (given && !wanted.equals(ByteBuffer.wrap(pkcs8, at, length))) {
      throw new InvalidKeyException("the public point is not that of the private key");
    }
  }

  private static byte[] checked(KeyAlgorithm algorithm, KeyPair pair) throws InvalidKeyException {
    return checked(algorithm, pair, pair.getPrivate().getEncoded());
  }

  /** Wipes the encoding. */
  private static byte[] checked(KeyAlgorithm algorithm, KeyPair pair, byte[] pkcs8)
      throws InvalidKeyException {
    try {
      if (!belong(algorithm, pair.getPrivate(), pair.getPublic())) {
        throw new InvalidKeyException("private and public key do not belong together");
      }
      return KeyPairLayout.join(pkcs8, pair.getPublic().getEncoded());
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  private static boolean belong(KeyAlgorithm algorithm, PrivateKey key, PublicKey publicKey) {
    byte[] text = {'k', 'm', 's', '4', 'j'};
    try {
      Signature signature = SigningEngine.signature(SignatureScheme.anyOf(algorithm));
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
