package org.kms4j.servlet;

import java.util.concurrent.ThreadLocalRandom;

/** Names one request, in its answer and in the log; no secret, so no secure randomness. */
final class RequestId {
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int CHARS = 14;

  private RequestId() {}

  static String draw() {
    StringBuilder id = new StringBuilder("req-");
    for (int i = 0; i < CHARS; i++) {
      id.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
