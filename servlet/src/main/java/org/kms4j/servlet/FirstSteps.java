package org.kms4j.servlet;

import java.nio.file.Path;

/** What the first start prints: how to call the API, reading the secret from where it lies. */
final class FirstSteps {
  private static final String TEXT =
      """
      first start: made {FILE}, which holds the secret of an admin.
      Try it, in another shell:

        B='{FILE}'; K='{URL}/api/v1/kms/keys'
        get() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p"; }
        call() { curl -sS -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' "$@"; }
        TOKEN=$(call '{URL}/api/v1/auth/universal-auth/login' -d "{\\"clientId\\":\\"$(get clientId <"$B")\\",\\"clientSecret\\":\\"$(get clientSecret <"$B")\\"}" | get accessToken)
        KEY=$(call "$K" -d "{\\"projectId\\":\\"$(get projectId <"$B")\\",\\"name\\":\\"first-$$\\"}" | get id)
        SEALED=$(call "$K/$KEY/encrypt" -d "{\\"plaintext\\":\\"$(printf 'attack at dawn' | base64)\\"}" | get ciphertext)
        call "$K/$KEY/decrypt" -d "{\\"ciphertext\\":\\"$SEALED\\"}" | get plaintext | base64 -d; echo

      """;

  private FirstSteps() {}

  static String text(Path home, String url) {
    return TEXT.replace("{FILE}", home.resolve(Bootstrap.FILE).toAbsolutePath().toString())
        .replace("{URL}", url);
  }
}
