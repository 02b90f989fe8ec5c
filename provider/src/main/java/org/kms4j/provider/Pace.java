package org.kms4j.provider;

import java.time.Duration;

/**
 * How a keyring keeps up with its store.
 *
 * @param poll how often it asks whether something has changed
 * @param lease for how long it acts on what it remembers without an answer
 */
record Pace(Duration poll, Duration lease) {}
