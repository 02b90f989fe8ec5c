package org.kms4j.servlet.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Set;
import javax.crypto.Mac;

/**
 * HS256 under a key of the keyring: the key's bytes stay with the provider, which the library's own
 * HMAC classes would want to see.
 *
 * <p>Threat: a token that names another algorithm. This one computes HS256 and nothing else.
 *
 * <p>Safe for use by many threads. Source: RFC 7518, section 3.2.
 */
public final class TokenSigner extends BaseJWSProvider implements JWSSigner, JWSVerifier {
  private static final String MAC = "HmacSHA256";

  private final Provider provider;
  private final Key key;

  /** Signs under this key by this provider. */
  public TokenSigner(Provider provider, Key key) {
    super(Set.of(JWSAlgorithm.HS256));
    this.provider = provider;
    this.key = key;
  }

  @Override
  public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
    return Base64URL.encode(mac(header, input));
  }

  @Override
  public boolean verify(JWSHeader header, byte[] input, Base64URL signature) throws JOSEException {
    // The texts are compared: decoding is lenient, and would let one signature be spelled many
    // ways.
    return MessageDigest.isEqual(bytes(sign(header, input)), bytes(signature));
  }

  private static byte[] bytes(Base64URL text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] mac(JWSHeader header, byte[] input) throws JOSEException {
    if (!header.getAlgorithm().equals(JWSAlgorithm.HS256)) {
      throw new JOSEException("not HS256");
    }
    try {
      Mac mac = Mac.getInstance(MAC, provider);
      mac.init(key);
      return mac.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new JOSEException("the access token key cannot be used", e);
    }
  }
}
