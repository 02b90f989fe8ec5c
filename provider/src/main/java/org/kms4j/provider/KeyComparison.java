package org.kms4j.provider;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.security.Signature;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Mac;
import org.kms4j.aead.Aead;
import org.kms4j.aead.AeadUser;
import org.kms4j.aead.Engine;
import org.kms4j.aead.Iv;
import org.kms4j.aead.IvSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.provider.KeyMaterial.Authenticating;
import org.kms4j.provider.KeyMaterial.Sealing;
import org.kms4j.provider.KeyMaterial.Signing;

/**
 * Tells whether two stores have one key alike: by comparing it, and by using it.
 *
 * <p>Threat: a move that is believed. That rows are equal says nothing of what opens them.
 */
final class KeyComparison {
  private static final byte[] TEXT = "kms4j: does it open?".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_AAD = {};

  private final IvSource ivs;

  KeyComparison(IvSource ivs) {
    this.ivs = ivs;
  }

  /** Destroys both. */
  boolean of(ResolvedKey here, ResolvedKey there) throws KeyNotFoundException {
    try {
      return alike(here, there);
    } finally {
      here.destroy();
      there.destroy();
    }
  }

  private boolean alike(ResolvedKey here, ResolvedKey there) throws KeyNotFoundException {
    boolean same = here.metadata().withSeals(0).equals(there.metadata().withSeals(0));
    for (int version = 1; same && version <= here.newest(); version++) {
      same =
          sameBytes(here, there, version)
              && works(here.metadata().algorithm(), here.version(version), there.version(version));
    }
    return same;
  }

  private static boolean sameBytes(ResolvedKey here, ResolvedKey there, int version) {
    byte[] one = here.bytes(version);
    byte[] other = there.bytes(version);
    boolean same = MessageDigest.isEqual(one, other);
    Arrays.fill(one, (byte) 0);
    Arrays.fill(other, (byte) 0);
    return same;
  }

  private boolean works(KeyAlgorithm algorithm, KeyMaterial here, KeyMaterial there) {
    try {
      if (here instanceof Sealing one && there instanceof Sealing other) {
        return opens(one.aead(), other.aead());
      }
      if (here instanceof Signing one && there instanceof Signing other) {
        return verifies(one, other);
      }
      return here instanceof Authenticating one
          && there instanceof Authenticating other
          && MessageDigest.isEqual(mac(algorithm, one), mac(algorithm, other));
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new ProviderException("this JDK cannot compute " + algorithm.text(), e);
    }
  }

  private boolean opens(Aead here, Aead there) throws AEADBadTagException {
    Iv iv = ivs.draw(here.ivBytes());
    byte[] sealed = new byte[TEXT.length + here.tagBytes()];
    here.seal(new AeadUser(), iv, NO_AAD, TEXT, 0, TEXT.length, sealed, 0);
    byte[] opened = new byte[TEXT.length];
    there.open(new AeadUser(), iv.bytes(), 0, NO_AAD, sealed, 0, sealed.length, opened, 0);
    return Arrays.equals(TEXT, opened);
  }

  private static boolean verifies(Signing here, Signing there) throws GeneralSecurityException {
    Signature engine = SigningEngine.signature(SignatureScheme.anyOf(here.algorithm()));
    engine.initSign(here.privateKey());
    engine.update(TEXT);
    byte[] signature = engine.sign();
    engine.initVerify(there.publicKey());
    engine.update(TEXT);
    return engine.verify(signature);
  }

  private static byte[] mac(KeyAlgorithm algorithm, Authenticating key)
      throws GeneralSecurityException {
    Mac engine = Mac.getInstance(algorithm.standardName(), Engine.sunJce().provider());
    engine.init(key.secret());
    return engine.doFinal(TEXT);
  }
}
