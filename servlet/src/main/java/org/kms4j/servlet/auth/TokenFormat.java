package org.kms4j.servlet.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.ProviderException;
import java.text.ParseException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An access token as text: a JWT signed with HS256 under one header, and nothing else.
 *
 * <p>Threat: a token whose header chooses how it is checked ("alg" none, another MAC, a public-key
 * algorithm, critical extensions), or is made to break a parser. Only the header that is written
 * here is taken, byte for byte; any other is looked at for the text of its refusal alone, and no
 * parser sees a byte of a token before its signature was found good.
 *
 * <p>Safe for use by many threads. Source: RFC 7519; RFC 8725, section 3.1.
 */
final class TokenFormat {
  /** Ours have about 700; the bound keeps what is read of a stranger small. */
  static final int MAX_CHARS = 4_096;

  private static final JWSHeader HEADER =
      new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build();

  /** A multiple of three bytes long, so that no other text decodes to them. */
  private static final String HEADER_TEXT = HEADER.toBase64URL().toString();

  private static final Pattern OBJECT = Pattern.compile("\\s*\\{.*}\\s*", Pattern.DOTALL);
  private static final Pattern ALGORITHM = Pattern.compile("\"alg\"\\s*:\\s*\"([^\"\\\\]*)\"");

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
    if (token.length() > MAX_CHARS) {
      throw AuthException.tokenMalformed();
    }
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw AuthException.tokenMalformed();
    }
    if (!parts[0].equals(HEADER_TEXT)) {
      throw foreign(parts[0], parts[2].isBlank());
    }
    if (parts[2].isBlank()) {
      throw AuthException.signatureMissing();
    }
    requireSigned(parts);
    return claims(parts);
  }

  /** In the order of upstream, so that each fault has the text that its clients know. */
  private static AuthException foreign(String header, boolean unsigned) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return AuthException.tokenInvalid();
    }
    if (!OBJECT.matcher(text).matches()) {
      return AuthException.tokenInvalid();
    }
    if (unsigned) {
      return AuthException.signatureMissing();
    }
    Matcher algorithm = ALGORITHM.matcher(text);
    return algorithm.find() && !algorithm.group(1).equals("HS256")
        ? AuthException.algorithmInvalid()
        : AuthException.tokenInvalid();
  }

  private void requireSigned(String[] parts) throws AuthException {
    byte[] input = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8);
    boolean good;
    try {
      good = signer.verify(HEADER, input, new Base64URL(parts[2]));
    } catch (JOSEException e) {
      throw new ProviderException("an access token cannot be checked", e);
    }
    if (!good) {
      throw AuthException.signatureInvalid();
    }
  }

  private static TokenClaims claims(String[] parts) throws AuthException {
    try {
      return TokenClaims.of(
          new SignedJWT(new Base64URL(parts[0]), new Base64URL(parts[1]), new Base64URL(parts[2]))
              .getJWTClaimsSet());
    } catch (ParseException | IllegalArgumentException e) {
      throw AuthException.tokenInvalid();
    }
  }
}
