package org.kms4j.provider;

import java.io.Serial;
import java.security.PublicKey;
import java.security.cert.Certificate;

/** A certificate of nobody. */
final class NoCertificate extends Certificate {
  @Serial private static final long serialVersionUID = 1L;

  NoCertificate() {
    super("none");
  }

  @Override
  public byte[] getEncoded() {
    return new byte[0];
  }

  @Override
  public void verify(PublicKey key) {}

  @Override
  public void verify(PublicKey key, String provider) {}

  @Override
  public String toString() {
    return "none";
  }

  @Override
  public PublicKey getPublicKey() {
    throw new UnsupportedOperationException();
  }
}
