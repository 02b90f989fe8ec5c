package org.kms4j.provider;

import java.time.Duration;

/**
 * How a keyring keeps up with its store.
 *
 * @param poll how often it asks whether something has changed
 * @param lease for how long it acts on what it remembers without an answer
 * @param age how old what it remembers may grow while the store answers
 */
record Pace(Duration poll, Duration lease, Duration age) {
  /** With {@link KeyMaterialCache#MAX_AGE}. */
  Pace(Duration poll, Duration lease) {
    this(poll, lease, KeyMaterialCache.MAX_AGE);
  }
}
