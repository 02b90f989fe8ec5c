package org.kms4j.servlet.auth;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.Header;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import java.security.ProviderException;
import java.text.ParseException;

/**
 * An access token as text: a JWT signed with HS256, and nothing else.
 *
 * <p>Threat: a token whose header chooses how it is checked ("alg" none, another MAC, a public-key
 * algorithm, critical extensions). The header is looked at only to refuse; what a good token was
 * signed with is fixed here.
 *
 * <p>Safe for use by many threads. Source: RFC 7519; RFC 8725, section 3.1.
 */
final class TokenFormat {
  /** Ours have about 700; the bound keeps a parser from being fed megabytes. */
  private static final int MAX_CHARS = 4_096;

  private static final JWSHeader HEADER =
      new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build();

  private final TokenSigner signer;

  TokenFormat(TokenSigner signer) {
    this.signer = signer;
  }

  String write(TokenClaims claims) {
    try {
      SignedJWT jwt = new SignedJWT(HEADER, claims.toJwt());
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new ProviderException("an access token cannot be signed", e);
    }
  }

  /**
   * What the token says, if it was signed here; its time may be over.
   *
   * @throws AuthException if it was not
   */
  TokenClaims read(String token) throws AuthException {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3 || token.length() > MAX_CHARS) {
      throw AuthException.tokenMalformed();
    }
    Algorithm algorithm = algorithm(parts[0]);
    if (parts[2].isEmpty()) {
      throw AuthException.signatureMissing();
    }
    if (!algorithm.equals(JWSAlgorithm.HS256)) {
      throw AuthException.algorithmInvalid();
    }
    SignedJWT jwt = parse(parts);
    requireSigned(jwt);
    try {
      return TokenClaims.of(jwt.getJWTClaimsSet());
    } catch (ParseException e) {
      throw AuthException.tokenInvalid();
    }
  }

  private static Algorithm algorithm(String header) throws AuthException {
    try {
      return Header.parse(new Base64URL(header)).getAlgorithm();
    } catch (ParseException | IllegalArgumentException e) {
      throw AuthException.tokenInvalid();
    }
  }

  private static SignedJWT parse(String[] parts) throws AuthException {
    try {
      return new SignedJWT(
          new Base64URL(parts[0]), new Base64URL(parts[1]), new Base64URL(parts[2]));
    } catch (ParseException | IllegalArgumentException e) {
      throw AuthException.tokenInvalid();
    }
  }

  private void requireSigned(SignedJWT jwt) throws AuthException {
    if (jwt.getHeader().getCriticalParams() != null) {
      throw AuthException.tokenInvalid();
    }
    boolean good;
    try {
      good = jwt.verify(signer);
    } catch (JOSEException e) {
      throw new ProviderException("an access token cannot be checked", e);
    }
    if (!good) {
      throw AuthException.signatureInvalid();
    }
  }
}
