package org.kms4j.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.kms4j.servlet.auth.Networks;

/**
 * From where a request comes: the other end of its socket; or, if that is a proxy which is trusted,
 * the last one that it and those before it name in {@code X-Forwarded-For} who is none.
 *
 * <p>Threat: a client that writes the header itself. What it wrote stands before what the trusted
 * proxies append, and is never looked at. Where these name no address, the client is of no network.
 *
 * <p>Immutable.
 */
final class ClientAddress {
  static final String UNKNOWN = "unknown";
  private static final String FORWARDED = "X-Forwarded-For";

  private final Networks proxies;

  ClientAddress(Networks proxies) {
    this.proxies = proxies;
  }

  /** The address as text; {@link #UNKNOWN} if a trusted proxy names what is none. */
  String of(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    if (proxies.list().isEmpty()) {
      return address;
    }
    List<String> hops = hops(request);
    for (int i = hops.size() - 1; i >= 0 && proxies.contain(address); i--) {
      address = hops.get(i);
      if (!Networks.isAddress(address)) {
        return UNKNOWN;
      }
    }
    return address;
  }

  private static List<String> hops(HttpServletRequest request) {
    List<String> hops = new ArrayList<>();
    for (String header : Collections.list(request.getHeaders(FORWARDED))) {
      for (String hop : header.split(",", -1)) {
        hops.add(hop.strip());
      }
    }
    return hops;
  }
}
